"""Members set an issuer whose keys are fetched, at a service that asks once a day: its keys are there at once, so they are
after another CA bundle and after a restart; without the issuer its tokens are worth nothing. What the members may not set is
refused, and a key that a fetch brought is no hindrance to their votes."""

import json
import sys

from _cose import Chamber, accepted, action, refused
from _founded import Signer, founded
from _kms import CLAIMS, check
from _oidc import Authority, Issuer
from issuer_refresh import accepted as token_accepted, shown, wait_for


def set_issuer(issuer, **more):
    return action("set_jwt_issuer", issuer=issuer.url, auto_refresh=True, ca_cert_bundle_name="roots", **more)


def bundle(authority):
    return {"name": "set_ca_cert_bundle", "args": {"name": "roots", "cert_bundle": authority.pem}}


def refusals(chamber, member, issuer):
    for wrong, word in ((action("set_jwt_issuer", issuer="http://idp.example", auto_refresh=True, ca_cert_bundle_name="roots"),
                         "not an https URL"),
                        (action("set_jwt_issuer", issuer=issuer.url + "?a=b", auto_refresh=True, ca_cert_bundle_name="roots"),
                         "a query in it"),
                        (action("set_jwt_issuer", issuer=issuer.url, auto_refresh=True, ca_cert_bundle_name="others"), "others"),
                        (action("set_jwt_issuer", issuer=issuer.url, auto_refresh=True), "ca_cert_bundle_name is missing"),
                        ({"name": "set_ca_cert_bundle", "args": {"name": "roots", "cert_bundle": "no PEM"}}, "cert_bundle"),
                        ({"name": "remove_ca_cert_bundle", "args": {"name": "roots"}}, "refreshed with it")):
        refused(chamber.propose(member, wrong), 400, "ProposalFailedToValidate", word)


def main():
    kms = founded(jwt=[])
    folder = kms.folder
    authority, other = Authority(), Authority("another CA")
    issuer = Issuer(folder, authority)
    first, second = Signer("first", issuer=issuer.url), Signer("second", issuer=issuer.url)
    issuer.keys = [first.jwk()]
    (folder / "vitrine.toml").write_text("[issuers]\nrefresh_seconds = 86400\n")
    kms.arguments += ["--config", folder / "vitrine.toml"]
    with kms:
        kms.start()
        chamber = Chamber(kms)
        member = chamber.identity("member0")
        policy = action("set_jwt_validation_policy", issuer=issuer.url, validation_policy={"sub": CLAIMS["sub"]})
        chamber.decide(member, [member], bundle(authority), set_issuer(issuer), policy)
        wait_for("the keys", lambda: token_accepted(kms, first.token()))
        asked = accepted(chamber.get("/service/jwk"), "jwk")
        check(asked["issuers"][issuer.url]["autoRefresh"] is True and asked["issuers"][issuer.url]["caCertBundleName"] == "roots"
              and list(asked["keys"]) == ["first"], f"what members see: {json.dumps(asked)}")
        refusals(chamber, member, issuer)

        # Another bundle, which does not vouch for the server: asked at once, refused, and the keys stay.
        issuer.keys = [first.jwk(), second.jwk()]
        chamber.decide(member, [member], bundle(other))
        wait_for("the refusal", lambda: shown(kms)[issuer.url]["failures_in_row"] > 0)
        check("certificate is refused" in shown(kms)[issuer.url]["failure"], f"{shown(kms)}")
        check(token_accepted(kms, first.token()) and not token_accepted(kms, second.token()), "the keys stay as they are")
        # A proposal made before a fetch brought other keys still applies: those keys are nobody's proposal.
        waiting = accepted(chamber.propose(member, set_issuer(issuer, key_filter="all")), "propose")["proposalId"]
        chamber.decide(member, [member], bundle(authority))
        wait_for("the second key", lambda: token_accepted(kms, second.token()))
        check(accepted(chamber.vote(member, waiting), "vote")["proposalState"] == "Accepted", "not dropped")
        check(token_accepted(kms, second.token()), "and it keeps the keys")

        issuer.keys = [second.jwk()]
        check(kms.stop() == 0, "it stops")
        kms.start()
        wait_for("what a start fetches", lambda: not token_accepted(kms, first.token()))
        check(token_accepted(kms, second.token()), "the second key goes on")

        chamber.decide(member, [member], action("remove_jwt_issuer", issuer=issuer.url))
        check(not token_accepted(kms, second.token()), "no issuer, no tokens")
        wait_for("to be asked no more", lambda: issuer.url not in shown(kms))
        check(kms.stop() == 0, "it stops")
    print("issuers by vote: keys at once, after another bundle and a start; none without the issuer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
