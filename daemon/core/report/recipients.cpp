#include "core/report/recipients.hpp"

#include <algorithm>

#include "core/printable.hpp"
#include "core/report/maintainers.hpp"
#include "core/report/trailers.hpp"

namespace bisectd {
namespace {

/// A mail to more people is taken for spam, by them and by their servers.
constexpr std::size_t most_recipients = 60;

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

class Gathering {
  public:
    void add(std::vector<Mailbox>& to, const Mailbox& mailbox) {
        const std::string address = lower_case(mailbox.address);
        // "stable+noautosel@kernel.org" and the like are orders to programs.
        if (address.starts_with("stable+")) return;
        if (std::ranges::find(known_, address) != known_.end()) return;
        known_.push_back(address);
        to.push_back(mailbox);
    }
    void add(std::vector<Mailbox>& to, const std::string& text, const std::string& what) {
        if (const std::optional<Mailbox> mailbox = read_mailbox(text))
            add(to, *mailbox);
        else
            found.notes.push_back(what +
                                  " names no usable address: " + printable(text.substr(0, 120)));
    }

    Recipients found;

  private:
    std::vector<std::string> known_;
};

void cut_to(std::vector<Mailbox>& mailboxes, std::size_t most, Recipients& found) {
    if (mailboxes.size() <= most) return;
    found.notes.push_back("left out, as there are too many recipients: " +
                          std::to_string(mailboxes.size() - most));
    mailboxes.resize(most);
}

}  // namespace

Recipients recipients_of(const ReportFacts& facts) {
    Gathering gathering;
    Recipients& found = gathering.found;
    std::vector<Mailbox> lists;
    // The list first: what comes first stays.
    if (facts.recipe.build.kind == BuildKind::kernel)
        gathering.add(lists, Mailbox{"", regressions_list});
    if (facts.result.ending == Ending::culprit) {
        const std::vector<Trailer> trailers = trailers_of(facts.message);
        gathering.add(found.to, facts.author, "the author");
        for (const Trailer& trailer : trailers)
            if (trailer.key == "signed-off-by")
                gathering.add(found.to, trailer.value, "a " + trailer.key);
        if (facts.maintainers) {
            const Keepers keepers = keepers_of(*facts.maintainers, facts.change.paths);
            for (const Mailbox& list : keepers.lists) gathering.add(lists, list);
            for (const Mailbox& person : keepers.people) gathering.add(found.cc, person);
        }
        for (const Trailer& trailer : trailers)
            if (trailer.key == "cc" || trailer.key.ends_with("-by"))
                gathering.add(found.cc, trailer.value, "a " + trailer.key);
    }
    if (!facts.maintainers && facts.recipe.build.kind == BuildKind::kernel)
        found.notes.emplace_back("the bad end has no MAINTAINERS: subsystem lists are missing");
    if (facts.result.ending != Ending::culprit)
        found.notes.emplace_back("no culprit is proven: choose the recipients yourself");
    cut_to(found.to, most_recipients / 3, found);
    found.cc.insert(found.cc.begin(), lists.begin(), lists.end());
    cut_to(found.cc, most_recipients - found.to.size(), found);
    return std::move(gathering.found);
}

}  // namespace bisectd
