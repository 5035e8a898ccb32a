"""A ledger's file as docs/formats/store.md tells to read it, by Python's own SQLite, and `vitrine audit` of it: what differs
from the file as it was, and whether the audit found and located that."""

import json
import sqlite3
import subprocess

from _kms import BIN, check

CHUNK = 256
TILE = 256


def opened(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.execute("PRAGMA cell_size_check=ON")
    return database


class Content:
    """All that an audit vouches for. `trouble` says what can't be read: then the rest may be cut short."""

    def __init__(self, path, tiles):
        self.entries, self.batches, self.tiles, self.head, self.trouble, self.structure = [], [], {}, None, None, "?"
        try:
            database = opened(path)
        except sqlite3.Error as error:
            self.trouble = str(error)
            return
        try:
            for pragma, value in (("application_id", 0x56697472), ("user_version", 1)):
                if database.execute(f"PRAGMA {pragma}").fetchone() != (value,):
                    self.trouble = pragma
            for read in (self._head, self._batches, self._entries, lambda each: self._tiles(each, tiles)):
                try:
                    read(database)
                except (sqlite3.Error, OverflowError) as error:
                    self.trouble = str(error)
            try:
                self.structure = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            except sqlite3.Error as error:
                self.structure = str(error)
        finally:
            database.close()

    def _head(self, database):
        self.head = database.execute("SELECT CAST(size AS INTEGER), CAST(head AS BLOB) FROM head WHERE one = 1").fetchone()

    def _batches(self, database):
        while True:
            at = self.batches[-1][1] if self.batches else 0
            rows = database.execute(
                "SELECT CAST(size_before AS INTEGER), CAST(size_after AS INTEGER) FROM batches WHERE size_before >= "
                "(SELECT max(size_before) FROM batches WHERE size_before <= ?1) AND size_after > ?1 "
                "ORDER BY size_before LIMIT ?2", (at, CHUNK)).fetchall()
            self.batches += rows
            if not rows or rows[-1][1] <= at:
                return

    def _entries(self, database):
        while True:
            rows = database.execute(
                "SELECT idx, CAST(leaf AS BLOB), CAST(sealed AS BLOB), CAST(blob AS BLOB) FROM entries WHERE idx >= ? "
                "ORDER BY idx LIMIT ?", (len(self.entries), CHUNK))
            before = len(self.entries)
            for index, *record in rows:
                if index != len(self.entries):
                    return
                self.entries.append(tuple(part or b"" for part in record))
            if len(self.entries) < before + CHUNK:
                return

    def _tiles(self, database, wanted):
        for tile in wanted or [row for row in database.execute("SELECT tree, level, idx FROM tiles")]:
            row = database.execute("SELECT CAST(hashes AS BLOB) FROM tiles WHERE tree = ? AND level = ? AND idx = ?",
                                   tile).fetchone()
            if row:
                self.tiles[tile] = row[0]

    def differences(self, now):
        """(first, last) by sequence number for each; (0, 0) for what is not among the entries."""
        found = []
        for place in range(max(len(self.entries), len(now.entries))):
            if self.entries[place:place + 1] != now.entries[place:place + 1]:
                found.append((place + 1, place + 1))
        for place in range(max(len(self.batches), len(now.batches))):
            theirs = now.batches[place:place + 1]
            if self.batches[place:place + 1] != theirs:
                ours = self.batches[place:place + 1] or [(len(self.entries), len(self.entries))]
                found.append((ours[0][0] + 1, ours[0][1] + 1))
        for (tree, level, index), hashes in self.tiles.items():
            theirs = now.tiles.get((tree, level, index))
            if theirs != hashes:
                each = TILE ** level
                at = 0 if theirs is None else next((at for at in range(TILE) if theirs[32 * at:32 * at + 32] !=
                                                    hashes[32 * at:32 * at + 32]), 0)
                whole = theirs is None or len(theirs) != len(hashes)
                begin = index * TILE * each + (0 if whole else at * each)
                found.append((begin + 1, begin + (TILE * each if whole else each)))
        if self.head != now.head:
            found.append((0, 0))
        return found

    def range_without_tiles(self, place):
        """Where only heads in later leaves tell that this entry was changed: from the head before to the one after. What was
        changed may be the head that the entry itself names."""
        for number, (before, after) in enumerate(self.batches):
            if before < place <= after:
                first = self.batches[number - 1][0] if number and place == before + 1 else before
                return first + 1, min(after + 1, len(self.entries))
        raise AssertionError(f"no batch holds entry {place}")


class Verdict:
    def __init__(self, data, certificate, *arguments):
        outcome = subprocess.run([BIN / "vitrine", "audit", "--data", data, "--service-cert", certificate, "--json", *arguments],
                                 capture_output=True, timeout=120)
        self.status, self.stderr = outcome.returncode, outcome.stderr.decode(errors="replace")
        self.lines = [json.loads(line) for line in outcome.stdout.decode().splitlines()]
        last = self.lines.pop() if self.lines else {}
        self.word, self.reason = last.get("verdict"), last.get("reason", "")
        self.first, self.last = last.get("first", 0), last.get("last", 0)
        check(self.status in range(0, 7) and "Traceback" not in self.stderr, f"it ended with {self.status}: {self.stderr}")

    def __repr__(self):
        return f"status {self.status}, {self.word}, entries {self.first} to {self.last}: {self.reason or self.stderr}"


def judge(before, now, verdict, where):
    """Found and located, or nothing to be found. Returns which."""
    differences = before.differences(now)
    said = f"{where}: {verdict}; differences: {differences[:6]}, {now.trouble}, {now.structure}"
    if not differences and not now.trouble:
        if verdict.status == 0:
            return "unused"
        check(now.structure != "ok" and verdict.status == 1, f"nothing differs: {said}")
        return "structure"
    if not now.trouble and differences == [(0, 0)] and now.head and now.head[0] < before.head[0] and verdict.status == 0:
        return "older head"  # the entries after it stand there unsigned, and unchanged
    check(verdict.status != 0, f"not found: {said}")
    if now.trouble:
        check(verdict.status in (1, 2, 3, 4, 6) and "ledger.db" in verdict.stderr, f"unreadable: {said}")
        return "unreadable"
    if verdict.status == 3:  # what is left is a whole history: only who kept a newer checkpoint can know
        check("rolled back" in verdict.reason and now.entries == before.entries[:len(now.entries)] and
              now.head[0] < before.head[0], f"not rolled back: {said}")
        return "rolled back"
    check(verdict.status == 1 and verdict.word == "broken", said)
    if len(differences) == 1 and differences[0][0] == differences[0][1] != 0:
        place = differences[0][0]
        exact = (verdict.first, verdict.last) == (place, place)
        first, last = before.range_without_tiles(place)
        check(exact or first <= verdict.first <= place <= verdict.last <= last, f"not located within {first}, {last}: {said}")
        tiled = place <= len(before.entries) // TILE * TILE
        check(exact or not tiled, f"the stored tiles tell which entry it is: {said}")
        return "exact" if exact else "range"
    check(any(verdict.first <= last and first <= verdict.last for first, last in differences), f"elsewhere: {said}")
    return "located"
