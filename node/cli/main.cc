#include <cstdio>

#include "node/cli/command.h"
#include "node/peer/tls_credentials.h"

int main(int argc, char** argv) {
  comity::PrepareTransport();
  comity::CommandContext context;
  CLI::App app{
      "comity: refer trafficked persons across borders, ask partners, and keep "
      "proof.\nEvery command that talks to the own node needs a profile: --as "
      "DIR or COMITY_PROFILE.",
      "comity"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--as", context.profile,
                 "Directory of the operator's profile");
  app.add_flag("--json", context.json, "Print results as JSON");
  app.footer(
      "Exit codes: 0 done, 1 internal, 2 usage, 3 refused by policy, 4 "
      "approvals "
      "needed,\n5 unreachable, 6 not found or refused without a reason, 7 "
      "conflict, 8 integrity.");
  comity::AddNodeCommands(app, context);
  comity::AddPartnerCommands(app, context);
  comity::AddPolicyCommands(app, context);
  comity::AddCaseCommands(app, context);
  comity::AddReferralCommands(app, context);
  comity::AddTableCommands(app, context);
  comity::AddAuditCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);
  } catch (const CLI::ParseError& wrong) {
    app.exit(wrong);
    return 2;
  } catch (const CLI::Error& failed) {
    return failed.get_exit_code();
  }
  return 0;
}
