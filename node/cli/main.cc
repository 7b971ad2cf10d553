#include "node/cli/app.h"
#include "node/peer/tls_credentials.h"

int main(int argc, char** argv) {
  comity::PrepareTransport();
  comity::CommandContext context;
  return comity::RunCommandLine({argv + 1, argv + argc}, context);
}
