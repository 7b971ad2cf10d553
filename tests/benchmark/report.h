#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace comity {

// Whether a larger number is the better one, or a smaller one.
enum class Better { kMore, kLess };

// What one benchmark program was asked for and what it found: numbers that say
// how it was, and ratios, each against its baseline in the same run, which
// `compare` holds against another run's. Used by one thread.
class Report {
 public:
  // Options: --quick, --large, --out=FILE (JSON for report.py).
  Report(std::string program, int argc, char** argv)
      : program_(std::move(program)) {
    for (int i = 1; i < argc; ++i) {
      const absl::string_view option = argv[i];
      if (option == "--quick") {
        quick_ = true;
      } else if (option == "--large") {
        large_ = true;
      } else if (absl::StartsWith(option, "--out=")) {
        out_ = std::string(option.substr(6));
      } else {
        std::cerr << "usage: " << program_
                  << " [--quick | --large] [--out=FILE]\n";
        std::exit(2);
      }
    }
  }

  bool quick() const { return quick_; }
  bool large() const { return large_; }

  // A number of this machine, with a target if there is one.
  void Figure(const std::string& name, double value, const std::string& unit,
              Better better = Better::kLess,
              std::optional<double> target = std::nullopt) {
    Add(name, value, unit, better, target, false);
  }
  // How many times the baseline.
  void Ratio(const std::string& name, double value, Better better,
             std::optional<double> target = std::nullopt) {
    Add(name, value, "x", better, target, true);
  }

  // What main returns.
  int Finish() const { return Write() ? 0 : 1; }

 private:
  // After each row: what a program measured before it failed stands.
  bool Write() const {
    if (out_.empty()) return true;
    std::ofstream file(out_);
    file << "{\"program\":\"" << program_ << "\",\"rows\":[\n"
         << absl::StrJoin(rows_, ",\n") << "\n]}\n";
    file.flush();
    return file.good();
  }
  void Add(const std::string& name, double value, const std::string& unit,
           Better better, std::optional<double> target, bool ratio) {
    std::cerr << program_ << ": " << name << ": " << value << " " << unit
              << "\n";
    rows_.push_back(absl::StrCat(
        "{\"name\":\"", name, "\",\"value\":", value, ",\"unit\":\"", unit,
        "\",\"better\":\"", better == Better::kMore ? "more" : "less",
        "\",\"target\":", target.has_value() ? absl::StrCat(*target) : "null",
        ",\"ratio\":", ratio ? "true" : "false", "}"));
    Write();
  }

  const std::string program_;
  bool quick_ = false;
  bool large_ = false;
  std::string out_;
  std::vector<std::string> rows_;
};

// Ends the program, which has nothing to measure then.
inline void Must(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  std::cerr << what << ": " << status.ToString() << "\n";
  // Threads of nodes may run: no destructors.
  std::_Exit(1);
}

}  // namespace comity
