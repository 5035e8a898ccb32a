// What became of a transaction (ccf.md 7).
#pragma once

#include <string_view>

#include "ledger/leaf.h"
#include "service/exchange.h"

namespace vitrine::service {

// "Unknown", "Committed" or "Invalid"; an error where the entry can't be read, which says nothing
// of its id.
Result<std::string_view> transaction_status(const Exchange& exchange,
                                            const ledger::TransactionId& id);
// 500, and why in the log.
net::Response unreadable(const ledger::TransactionId& id, const Error& error);

}  // namespace vitrine::service
