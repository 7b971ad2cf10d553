#include "node/domain/table_grid.h"

#include <utility>

#include "node/domain/table_question.h"

namespace comity {

TableGrid::TableGrid(std::vector<TableAxis> axes)
    : axes_(std::move(axes)), strides_(axes_.size()) {
  for (size_t axis = axes_.size(); axis-- > 0;) {
    strides_[axis] = size_;
    size_ *= axes_[axis].codes.size() + 1;
  }
}

std::vector<std::string> TableGrid::CodesOf(size_t cell) const {
  std::vector<std::string> codes;
  codes.reserve(axes_.size());
  for (size_t axis = 0; axis < axes_.size(); ++axis) {
    codes.push_back(
        IsTotal(cell, axis) ? kTotal : axes_[axis].codes[PlaceOf(cell, axis)]);
  }
  return codes;
}

std::vector<size_t> TableGrid::LineTo(size_t total, size_t axis) const {
  const size_t parts = axes_[axis].codes.size();
  std::vector<size_t> line;
  line.reserve(parts + 1);
  for (size_t place = 0; place <= parts; ++place) {
    line.push_back(total - strides_[axis] * (parts - place));
  }
  return line;
}

std::vector<size_t> TableGrid::LineThrough(size_t cell, size_t axis) const {
  return LineTo(
      cell + strides_[axis] * (axes_[axis].codes.size() - PlaceOf(cell, axis)),
      axis);
}

}  // namespace comity
