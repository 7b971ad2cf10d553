#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace comity {

// What waits for one worker, in a lane for each of those for whom it is done,
// so that nobody waits for all that another one has brought. As large as what
// waits. Not thread-safe.
template <typename Item>
class FairQueue {
 public:
  void Push(const std::string& lane, Item item) {
    lanes_[lane].push_back({pushed_++, std::move(item)});
  }

  // How much waits in a lane.
  size_t WaitingIn(const std::string& lane) const {
    const auto found = lanes_.find(lane);
    return found == lanes_.end() ? 0 : found->second.size();
  }

  // Takes out at most `most`, the oldest of each lane in turn and at most
  // `share(lane)` of a lane, and gives them in the order in which they came. No
  // lane is left out as long as there are fewer of them than `most`.
  template <typename Share>
  std::vector<Item> Take(size_t most, const Share& share) {
    std::vector<Waiting> taken;
    for (size_t turn = 0; TakeTurn(most, turn, share, taken);) ++turn;
    std::sort(
        taken.begin(), taken.end(),
        [](const Waiting& a, const Waiting& b) { return a.number < b.number; });
    std::vector<Item> items;
    items.reserve(taken.size());
    for (Waiting& each : taken) items.push_back(std::move(each.item));
    return items;
  }

  bool empty() const { return lanes_.empty(); }

 private:
  struct Waiting {
    uint64_t number;  // in the order of all lanes
    Item item;
  };

  // False if there was nothing more to take.
  template <typename Share>
  bool TakeTurn(size_t most, size_t turn, const Share& share,
                std::vector<Waiting>& taken) {
    const size_t before = taken.size();
    auto lane = lanes_.begin();
    while (lane != lanes_.end() && taken.size() < most) {
      if (turn >= share(lane->first)) {
        ++lane;
        continue;
      }
      std::deque<Waiting>& waiting = lane->second;
      taken.push_back(std::move(waiting.front()));
      waiting.pop_front();
      lane = waiting.empty() ? lanes_.erase(lane) : std::next(lane);
    }
    return taken.size() > before;
  }

  uint64_t pushed_ = 0;
  std::map<std::string, std::deque<Waiting>> lanes_;  // none is empty
};

}  // namespace comity
