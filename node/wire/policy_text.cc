#include "node/wire/policy_text.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::io::Tokenizer;

constexpr size_t kMaxFileSize = 1 << 20;

class FaultCollector : public google::protobuf::io::ErrorCollector {
 public:
  explicit FaultCollector(std::vector<TextFault>& faults) : faults_(faults) {}
  void AddError(int line, int column, const std::string& message) override {
    faults_.push_back({line + 1, column + 1, message});
  }

 private:
  std::vector<TextFault>& faults_;
};

std::vector<Tokenizer::Token> Tokens(absl::string_view text) {
  std::vector<TextFault> ignored;
  FaultCollector collector(ignored);
  google::protobuf::io::ArrayInputStream input(text.data(),
                                               static_cast<int>(text.size()));
  Tokenizer tokenizer(&input, &collector);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer.set_require_space_after_number(false);
  tokenizer.set_allow_multiline_strings(false);
  std::vector<Tokenizer::Token> tokens;
  while (tokenizer.Next()) tokens.push_back(tokenizer.current());
  return tokens;
}

void CollectNames(const Descriptor* type, std::set<std::string>& numbers) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
      numbers.insert(type->field(i)->name());
    }
  }
}

// The types that a file of type `root` may hold: those of its proto file and of
// what that imports.
std::vector<const Descriptor*> TypesOf(const Descriptor* root) {
  std::vector<const FileDescriptor*> files = {root->file()};
  for (int i = 0; i < root->file()->dependency_count(); ++i) {
    files.push_back(root->file()->dependency(i));
  }
  std::vector<const Descriptor*> types;
  for (const FileDescriptor* file : files) {
    if (file->package() != root->file()->package()) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      types.push_back(file->message_type(i));
    }
  }
  return types;
}

// Fields whose value is a number; every other number stands for a name.
std::set<std::string> NumberFields(const Descriptor* root) {
  std::set<std::string> numbers;
  for (const Descriptor* type : TypesOf(root)) CollectNames(type, numbers);
  return numbers;
}

// What protobuf accepts and a reviewer would misread.
void CheckTokens(const std::vector<Tokenizer::Token>& tokens,
                 const std::set<std::string>& number_fields,
                 std::vector<TextFault>& faults) {
  std::string field;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Tokenizer::Token& token = tokens[i];
    const bool last = i + 1 == tokens.size();
    if (token.type == Tokenizer::TYPE_IDENTIFIER && !last &&
        tokens[i + 1].text == ":") {
      field = token.text;
    }
    if (token.type == Tokenizer::TYPE_INTEGER &&
        number_fields.count(field) == 0) {
      faults.push_back({token.line + 1, token.column + 1,
                        absl::StrCat("a number stands where a name belongs; "
                                     "write the name of the value")});
    }
    if (token.type == Tokenizer::TYPE_STRING && !last &&
        tokens[i + 1].type == Tokenizer::TYPE_STRING) {
      faults.push_back({tokens[i + 1].line + 1, tokens[i + 1].column + 1,
                        "two texts stand side by side; write one text, or put "
                        "a comma between them"});
    }
    if ((token.text == "t" || token.text == "f" || token.text == "True" ||
         token.text == "False") &&
        i > 0 && tokens[i - 1].text == ":") {
      faults.push_back(
          {token.line + 1, token.column + 1, "write true or false"});
    }
  }
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1,
                         diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// The names that `wrong` could have meant: fields of the type that the message
// names, else values of all enums.
std::string Suggestion(absl::string_view wrong, absl::string_view message,
                       const Descriptor* root) {
  std::string best;
  size_t best_distance = 3;
  const auto offer = [&](const std::string& name) {
    const size_t distance = EditDistance(wrong, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  };
  for (const Descriptor* type : TypesOf(root)) {
    if (absl::StrContains(message, absl::StrCat("\"", type->full_name()))) {
      for (int j = 0; j < type->field_count(); ++j)
        offer(type->field(j)->name());
    }
    if (absl::StrContains(message, "numeration value") &&
        type->enum_type_count() == 1) {
      for (int j = 1; j < type->enum_type(0)->value_count(); ++j) {
        offer(type->enum_type(0)->value(j)->name());
      }
    }
  }
  return best.empty() ? "" : absl::StrCat(" (did you mean \"", best, "\"?)");
}

// Protobuf points behind the name it complains of; point at its start, and say
// it in the words of this product.
void Improve(const std::vector<Tokenizer::Token>& tokens,
             const Descriptor* root, TextFault& fault) {
  const bool unknown = absl::StrContains(fault.message, "has no field named") ||
                       absl::StrContains(fault.message, "numeration value");
  const bool twice = absl::StrContains(fault.message, "multiple times");
  if (!unknown && !twice) return;
  const Tokenizer::Token* at = nullptr;
  for (const Tokenizer::Token& token : tokens) {
    if (token.type == Tokenizer::TYPE_IDENTIFIER &&
        token.line + 1 == fault.line && token.column + 1 < fault.column) {
      at = &token;
    }
  }
  if (at == nullptr) return;
  fault.column = at->column + 1;
  if (twice) return;
  const std::string suggestion = Suggestion(at->text, fault.message, root);
  fault.message =
      absl::StrContains(fault.message, "has no field named")
          ? absl::StrCat("there is no field \"", at->text, "\" here")
          : absl::StrCat("\"", at->text, "\" is not a value of this list");
  absl::StrAppend(&fault.message, suggestion);
}

std::string LeafText(const Message& message, const FieldDescriptor* field,
                     int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, index,
                                                        &text);
  return text;
}

std::string KeyOf(const Message& message) {
  const auto* type = message.GetDescriptor();
  if (type == policy::v1::Member::descriptor()) {
    const auto& member = static_cast<const policy::v1::Member&>(message);
    return absl::StrCat(member.participant(), " ", member.from());
  }
  const FieldDescriptor* key = type->FindFieldByName("id");
  if (key == nullptr) key = type->FindFieldByName("field");
  return key == nullptr ? "" : LeafText(message, key, -1);
}

// False is what a flag is when it is not written.
bool IsDefault(const Message& message, const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
         !message.GetReflection()->GetBool(message, field);
}

void Flatten(const Message& message, const std::string& path,
             std::vector<std::string>& lines) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsDefault(message, field)) continue;
    const std::string name =
        path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
    const int count =
        field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    std::vector<std::string> leaves;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        leaves.push_back(
            LeafText(message, field, field->is_repeated() ? i : -1));
        continue;
      }
      const Message& child =
          field->is_repeated()
              ? reflection->GetRepeatedMessage(message, field, i)
              : reflection->GetMessage(message, field);
      const std::string key = field->is_repeated() ? KeyOf(child) : "";
      Flatten(child, key.empty() ? name : absl::StrCat(name, "[", key, "]"),
              lines);
    }
    if (leaves.empty()) continue;
    if (field->options().GetExtension(policy::v1::set)) {
      std::sort(leaves.begin(), leaves.end());
      leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    }
    lines.push_back(absl::StrCat(name, " = ", absl::StrJoin(leaves, ", ")));
  }
}

}  // namespace

std::vector<TextFault> ReadStrictText(
    absl::string_view text, Message* message,
    google::protobuf::TextFormat::ParseInfoTree* tree) {
  if (text.size() > kMaxFileSize) {
    return {{0, 0, "the file is larger than 1 MiB"}};
  }
  const TextPlace bad = FindBadText(text);
  if (bad.line != 0) {
    return {{bad.line, bad.column,
             "the text is not plain UTF-8: a byte order mark, a control "
             "character or a broken byte stands here"}};
  }
  const std::vector<Tokenizer::Token> tokens = Tokens(text);
  std::vector<TextFault> faults;
  FaultCollector collector(faults);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(tree);
  google::protobuf::io::ArrayInputStream input(text.data(),
                                               static_cast<int>(text.size()));
  parser.Parse(&input, message);
  const Descriptor* root = message->GetDescriptor();
  for (TextFault& fault : faults) Improve(tokens, root, fault);
  CheckTokens(tokens, NumberFields(root), faults);
  return faults;
}

std::string FlattenMessage(const Message& message) {
  std::vector<std::string> lines;
  Flatten(message, "", lines);
  std::sort(lines.begin(), lines.end());
  return absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

}  // namespace comity
