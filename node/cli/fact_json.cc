#include "node/cli/fact_json.h"

#include <algorithm>

#include "absl/time/time.h"
#include "node/policy/duty_words.h"

namespace comity {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// "record_age" for "record age".
std::string FieldName(Axis axis) {
  std::string name = Name(axis);
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

template <typename Enum>
std::vector<std::string> NamesOf(EnumSet<Enum> set) {
  std::vector<std::string> names;
  for (const Enum value : set.Values()) names.emplace_back(Name(value));
  return names;
}

}  // namespace

Value& JsonField(Struct& object, const std::string& name) {
  return (*object.mutable_fields())[name];
}

Struct& AddJsonObject(Struct& object, const std::string& list) {
  return *JsonField(object, list)
              .mutable_list_value()
              ->add_values()
              ->mutable_struct_value();
}

void SetJsonNames(const std::vector<std::string>& names, Struct& object,
                  const std::string& field) {
  auto* list = JsonField(object, field).mutable_list_value();
  for (const std::string& name : names) {
    list->add_values()->set_string_value(name);
  }
}

Struct BoxJson(const FactAxes& axes, const FactBox& box) {
  Struct object;
  for (int i = 0; i < kAxisCount; ++i) {
    const auto axis = static_cast<Axis>(i);
    if (Words(axes, axis, box[axis]).empty()) continue;
    std::vector<std::string> names;
    for (size_t value = 0; value < axes.size(axis); ++value) {
      if ((box[axis] >> value & 1) != 0) {
        names.push_back(axes.ValueName(axis, value));
      }
    }
    SetJsonNames(names, object, FieldName(axis));
  }
  return object;
}

Struct PointJson(const FactPoint& point) {
  const RequestFacts& request = point.request;
  const RecordFacts& record = point.record;
  Struct object;
  const auto set = [&](const char* name, absl::string_view value) {
    JsonField(object, name).set_string_value(std::string(value));
  };
  set("now",
      absl::FormatTime(absl::RFC3339_sec, request.now, absl::UTCTimeZone()));
  set("holder", request.holder.text());
  set("asker", request.asker.text());
  set("role", Name(request.role));
  set("organisation", request.organisation);
  set("operation", Name(request.operation));
  set("purpose", Name(request.purpose));
  set("basis", Name(request.basis));
  SetJsonNames(NamesOf(request.wanted), object, "wanted");
  SetJsonNames(request.table.Parts(), object, "table");
  JsonField(object, "emergency").set_bool_value(point.state.emergency);
  // One group is wanted, so one state of consent stands for all.
  set("consent", Name(record.consent[1]));
  set("age", Name(record.age));
  JsonField(object, "risks_known").set_bool_value(record.risks_known);
  SetJsonNames(NamesOf(record.risks), object, "risks");
  SetJsonNames(NamesOf(record.origin), object, "origin");
  SetJsonNames(NamesOf(record.exploitation), object, "exploitation");
  set("stage", Name(record.stage));
  set("record_age", Name(record.record_age));
  return object;
}

Struct AnswerJson(const Answer& answer) {
  Struct object;
  JsonField(object, "permitted").set_bool_value(answer.permitted);
  JsonField(object, "approvals").set_number_value(answer.approvals);
  JsonField(object, "approvals_at_home")
      .set_number_value(answer.approvals_at_home);
  JsonField(object, "break_glass").set_bool_value(answer.break_glass);
  SetJsonNames(DutyWords(answer.duties), object, "duties");
  SetJsonNames(answer.rules, object, "rules");
  return object;
}

}  // namespace comity
