#include "node/disclosure/flow_bounds.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace comity {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();
// More than all counts together; what reaches half of it has no bound.
constexpr int64_t kEndless = int64_t{1} << 50;

// Nodes and edges that have room for so much more. Each edge has its way back
// beside it, with as much room as the edge carries.
class FlowNetwork {
 public:
  explicit FlowNetwork(size_t nodes) : leaving_(nodes) {}

  size_t AddEdge(size_t from, size_t to, int64_t room) {
    const size_t number = edges_.size();
    leaving_[from].push_back(number);
    edges_.push_back({to, room});
    leaving_[to].push_back(number + 1);
    edges_.push_back({from, 0});
    return number;
  }
  int64_t Room(size_t edge) const { return edges_[edge].room; }
  int64_t Carried(size_t edge) const { return edges_[edge ^ 1].room; }

  // Sends as much as there is room for, `most` at most and nothing over the
  // edge `barred`; returns how much.
  int64_t Send(size_t from, size_t to, int64_t most, size_t barred) {
    int64_t sent = 0;
    while (sent < most) {
      const std::vector<size_t> path = ShortestPath(from, to, barred);
      if (path.empty()) break;
      int64_t more = most - sent;
      for (const size_t edge : path) more = std::min(more, edges_[edge].room);
      for (const size_t edge : path) {
        edges_[edge].room -= more;
        edges_[edge ^ 1].room += more;
      }
      sent += more;
    }
    return sent;
  }

  // How many edges it was made of and looked at, since that was taken last.
  uint64_t TakeSteps() { return edges_.size() + std::exchange(looked_at_, 0); }

 private:
  struct Edge {
    size_t to = 0;
    int64_t room = 0;
  };

  // Edges with room, the last one first; none if there is no way.
  std::vector<size_t> ShortestPath(size_t from, size_t to, size_t barred) {
    std::vector<size_t> by(leaving_.size(), kNone);
    std::vector<size_t> reached = {from};
    for (size_t i = 0; i < reached.size() && by[to] == kNone; ++i) {
      looked_at_ += leaving_[reached[i]].size();
      for (const size_t edge : leaving_[reached[i]]) {
        const size_t next = edges_[edge].to;
        const bool open = edges_[edge].room > 0 && (edge | 1) != (barred | 1);
        if (!open || next == from || by[next] != kNone) continue;
        by[next] = edge;
        reached.push_back(next);
      }
    }
    std::vector<size_t> path;
    if (by[to] == kNone) return path;
    for (size_t node = to; node != from; node = edges_[by[node] ^ 1].to) {
      path.push_back(by[node]);
    }
    return path;
  }

  std::vector<Edge> edges_;
  std::vector<std::vector<size_t>> leaving_;  // edges, by node
  uint64_t looked_at_ = 0;
};

struct FlowPart : OpenPart {
  bool is_network = true;
};

// Signs the equations part by part.
class Signing {
 public:
  struct Place {
    size_t equation = 0;
    int sign = 1;
  };

  Signing(const CountSystem& system, const std::vector<CountBounds>& bounds)
      : system_(system),
        places_(system.cells.size()),
        visited_(system.cells.size(), false),
        sides_(system.equations.size(), 0) {
    for (size_t i = 0; i < system.equations.size(); ++i) {
      for (const auto& term : system.equations[i].terms) {
        if (bounds[term.cell].IsExact()) continue;
        places_[term.cell].push_back({i, term.sign});
      }
    }
  }

  // The equations' parts, each once.
  std::vector<FlowPart> Parts() {
    std::vector<FlowPart> parts;
    for (size_t i = 0; i < sides_.size(); ++i) {
      if (sides_[i] == 0) parts.push_back(PartFrom(i));
    }
    return parts;
  }

  // With what sign the equation is taken; 1 or -1.
  int Side(size_t equation) const { return sides_[equation]; }
  const std::vector<Place>& PlacesOf(size_t cell) const {
    return places_[cell];
  }

 private:
  FlowPart PartFrom(size_t first) {
    FlowPart part;
    Reach(first, 1, part);
    for (size_t i = 0; i < part.equations.size(); ++i) {
      const size_t equation = part.equations[i];
      for (const auto& term : system_.equations[equation].terms) {
        if (places_[term.cell].empty() || visited_[term.cell]) continue;
        visited_[term.cell] = true;
        part.cells.push_back(term.cell);
        Cross(term.cell, {equation, term.sign}, part);
      }
    }
    return part;
  }

  void Reach(size_t equation, int side, FlowPart& part) {
    if (sides_[equation] == 0) {
      sides_[equation] = side;
      part.equations.push_back(equation);
    } else if (sides_[equation] != side) {
      part.is_network = false;
    }
  }

  // Goes on to the other equations of a cell.
  void Cross(size_t cell, const Place& from, FlowPart& part) {
    const std::vector<Place>& places = places_[cell];
    size_t others = 0;
    for (const Place& place : places) {
      if (place.equation == from.equation) continue;
      ++others;
      Reach(place.equation, -sides_[from.equation] * from.sign * place.sign,
            part);
    }
    // More than two, or twice in one.
    if (others > 1 || others + 1 != places.size()) part.is_network = false;
  }

  const CountSystem& system_;
  std::vector<std::vector<Place>> places_;  // of open cells
  std::vector<bool> visited_;
  std::vector<int> sides_;  // 0: not reached
};

// The flows of one part: a node for each equation, whose edges are its open
// cells, and one more for cells that stand in one equation alone.
class PartFlows {
 public:
  PartFlows(const CountSystem& system, const Signing& signing,
            const FlowPart& part, SolvingBudget& budget,
            std::vector<CountBounds>& bounds)
      : part_(part),
        budget_(budget),
        bounds_(bounds),
        node_(system.equations.size(), kNone),
        network_(part.equations.size() + 3) {
    for (size_t i = 0; i < part.equations.size(); ++i) {
      node_[part.equations[i]] = i;
    }
    for (const size_t cell : part.cells) AddCell(cell, signing);
    for (const size_t equation : part.equations) {
      int64_t over = 0;
      for (const auto& term : system.equations[equation].terms) {
        over += term.sign * bounds[term.cell].least;
      }
      Balance(node_[equation], signing.Side(equation) * over);
    }
    Balance(Outside(), -over_all_);
  }

  // Nothing if no counts within the bounds fulfil the equations.
  void Narrow() {
    const int64_t sent = network_.Send(Source(), Sink(), needed_, kNone);
    budget_.Spend(network_.TakeSteps());
    if (sent != needed_) return;
    for (size_t i = 0; i < part_.cells.size() && !budget_.IsSpent(); ++i) {
      NarrowCell(edges_[i], bounds_[part_.cells[i]]);
    }
  }

 private:
  struct CellEdge {
    size_t edge = 0;
    size_t from = 0;
    size_t to = 0;
    int64_t least = 0;  // what the edge carries is more than that
  };

  size_t Outside() const { return part_.equations.size(); }
  size_t Source() const { return part_.equations.size() + 1; }
  size_t Sink() const { return part_.equations.size() + 2; }

  void AddCell(size_t cell, const Signing& signing) {
    CellEdge added{0, Outside(), Outside(), bounds_[cell].least};
    for (const auto& place : signing.PlacesOf(cell)) {
      const bool leaves = signing.Side(place.equation) * place.sign > 0;
      (leaves ? added.from : added.to) = node_[place.equation];
    }
    const bool endless = bounds_[cell].most >= CountBounds::kUnbounded;
    added.edge = network_.AddEdge(
        added.from, added.to,
        endless ? kEndless : bounds_[cell].most - bounds_[cell].least);
    edges_.push_back(added);
  }

  // By how much too much leaves a node while every cell is at its least.
  void Balance(size_t node, int64_t over) {
    over_all_ += over;
    if (over > 0) network_.AddEdge(node, Sink(), over);
    if (over < 0) {
      network_.AddEdge(Source(), node, -over);
      needed_ -= over;
    }
  }

  // What the edge may carry more, or less, is what can go round without it.
  void NarrowCell(const CellEdge& cell, CountBounds& bounds) const {
    const int64_t carried = network_.Carried(cell.edge);
    FlowNetwork up = network_;
    const int64_t most =
        cell.least + carried +
        up.Send(cell.to, cell.from, network_.Room(cell.edge), cell.edge);
    FlowNetwork down = network_;
    const int64_t least = cell.least + carried -
                          down.Send(cell.from, cell.to, carried, cell.edge);
    budget_.Spend(up.TakeSteps() + down.TakeSteps());
    bounds.least = std::max(bounds.least, least);
    if (most < kEndless / 2) bounds.most = std::min(bounds.most, most);
  }

  const FlowPart& part_;
  SolvingBudget& budget_;
  std::vector<CountBounds>& bounds_;
  std::vector<size_t> node_;  // by equation
  FlowNetwork network_;
  std::vector<CellEdge> edges_;  // as the part's cells
  int64_t over_all_ = 0;
  int64_t needed_ = 0;
};

}  // namespace

std::vector<OpenPart> NarrowByFlows(const CountSystem& system,
                                    SolvingBudget& budget,
                                    std::vector<CountBounds>& bounds) {
  Signing signing(system, bounds);
  std::vector<OpenPart> others;
  for (FlowPart& part : signing.Parts()) {
    if (part.cells.empty()) continue;
    if (part.is_network && part.cells.size() <= kMostFlowCells) {
      PartFlows(system, signing, part, budget, bounds).Narrow();
    } else {
      others.push_back({std::move(part.equations), std::move(part.cells)});
    }
  }
  return others;
}

}  // namespace comity
