#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace bisectd {

/// A person or a list, as a mail's header names them.
struct Mailbox {
    std::string name;     ///< one printable line; may be empty
    std::string address;  ///< "local@domain", plain ASCII, nothing that a header or shell reads
    bool operator==(const Mailbox&) const = default;
};

/// Reads "Name <address>", "address", either with something behind it ("# 5.10+"). Hostile text.
/// Errors: nothing when there is no address in it, or one with other characters than the usual:
/// a report that goes to fewer people is better than one with a header of somebody else's making.
std::optional<Mailbox> read_mailbox(std::string_view text);

/// As a header writes it: the name quoted or encoded where it has to be.
/// Source: RFC 5322, 3.4; RFC 2047.
std::string header_text(const Mailbox& mailbox);

/// Free text for a header, such as a subject: one line of ASCII, encoded where it is not.
std::string header_words(std::string_view text);

}  // namespace bisectd
