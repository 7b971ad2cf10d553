#pragma once

#include <string>

namespace comity {

// Keeps the port of "127.0.0.1:PORT" for this process until it ends: a node may
// listen there, again after it stopped, and no connection or other test of this
// machine is given the port meanwhile.
void HoldPort(const std::string& address);

}  // namespace comity
