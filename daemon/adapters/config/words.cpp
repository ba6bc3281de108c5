#include "adapters/config/words.hpp"

#include <algorithm>
#include <vector>

namespace bisectd::config {
namespace {

/// How many letters must be put in, left out, changed or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view written, std::span<const std::string_view> known) {
    if (written.size() > 40) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, written.size() / 3) + 1;
    for (std::string_view word : known) {
        std::size_t d = distance(written, word);
        if (d < best_distance) {
            best = word;
            best_distance = d;
        }
    }
    return best;
}

std::string listed(std::span<const std::string_view> words) {
    std::string list;
    for (std::string_view word : words) {
        if (!list.empty()) list += ", ";
        list += word;
    }
    return list;
}

std::string shown(std::string_view text) {
    std::string safe(text.substr(0, 60));
    for (char& c : safe)
        if (c < ' ' || c > '~') c = '?';
    if (text.size() > 60) safe += "...";
    return safe;
}

}  // namespace bisectd::config
