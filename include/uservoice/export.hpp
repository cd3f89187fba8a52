/// @file export.hpp
/// Export: lists that are written into files of a directory.
#ifndef USERVOICE_EXPORT_HPP
#define USERVOICE_EXPORT_HPP

#include "detail/call.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace uservoice {

/// One list of an export.
struct ExportResource {
    std::string name;      ///< file name without extension: letters, digits, '-' and '_'
    std::string path = {}; ///< path of the list; empty: /api/v2/admin/NAME
    Json params = {};      ///< more query parameters, as in Client::get()
    /// The columns of a CSV file; empty: those of the first page's records.
    std::vector<std::string> columns = {};
    /// false: every run writes the whole list, not only what has changed. The default is
    /// true for API v2; a list of API v1 is always written whole.
    std::optional<bool> incremental = {};
};

/// What Client::open_export() writes, and how.
///
/// ```cpp
/// uservoice::ExportOptions().resource("suggestions").resource("users").format("csv")
/// ```
class ExportOptions {
  public:
    /// Adds a list of the Admin API by name, such as "suggestions".
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    ExportOptions &resource(const T &name)
    {
        resources_.emplace_back(name);
        return *this;
    }

    /// Adds a list.
    ExportOptions &resource(const ExportResource &resource)
    {
        Json json{{"name", resource.name}};
        if (!resource.path.empty())
            json.set("path", resource.path);
        if (!resource.params.text().empty())
            json.set("params", resource.params);
        if (!resource.columns.empty())
            json.set("columns", Value::array(resource.columns));
        if (resource.incremental)
            json.set("incremental", *resource.incremental);
        resources_.emplace_back(json);
        return *this;
    }

    /// "jsonl" (the default): one record per line, unchanged; or "csv".
    ExportOptions &format(std::string_view value) { return set("format", value); }
    /// Only records updated at this time or later: ISO 8601, such as
    /// "2026-01-31T09:30:00Z", or a date, which means midnight UTC.
    ExportOptions &since(std::string_view time) { return set("since", time); }
    /// Only records updated before this time.
    ExportOptions &until(std::string_view time) { return set("until", time); }

    /// Returns the options as JSON.
    Json json() const
    {
        Json json = json_;
        return json.set("resources", Value::array(resources_));
    }

  private:
    ExportOptions &set(std::string_view key, const Value &value)
    {
        json_.set(key, value);
        return *this;
    }

    Json json_;
    std::vector<Value> resources_;
};

/// The progress of an export. Rates and times count from the first call of Export::next().
struct ExportProgress {
    std::uint64_t written = 0; ///< records of this run, including those before an interruption
    std::optional<std::uint64_t> total;   ///< records of this run in all, if known
    std::chrono::milliseconds elapsed{0}; ///< since the first call
    double records_per_second = 0;        ///< read since the first call
    std::optional<std::chrono::duration<double>> remaining; ///< estimated time, if known
    std::string json; ///< all of it, and of each list: see uservoice_export_next()
};

/// An export of lists into files of a directory, which can be interrupted at any time and
/// resumed by opening it again. Outlives the client that created it. A forked child cannot
/// use it.
///
/// ```cpp
/// auto backup = client.open_export("backup", uservoice::ExportOptions()
///                                                .resource("suggestions")
///                                                .resource("users"));
/// while (const auto progress = backup.next())
///     std::cerr << progress->written << " records\n";
/// ```
class [[nodiscard]] Export {
  public:
    /// Writes the next pages that have been loaded, of any of the lists, and returns the
    /// progress; nothing when all is written. An error of one list is thrown once, with
    /// the name of the list; the next call continues. Blocks as Client::get() does.
    std::optional<ExportProgress> next() { return try_next().value(); }
    Result<std::optional<ExportProgress>> try_next()
    {
        auto json = detail::call_optional_string(
            uservoice_export_next, detail::Handle<uservoice_export>("export", handle_.get()));
        if (!json)
            return json.error();
        if (!*json)
            return std::optional<ExportProgress>();
        return std::optional(parse(**std::move(json)));
    }

    /// Frees the export, so that another one may use the directory. Using it afterwards
    /// fails with Status::invalid_argument. No other thread may be using it.
    void close() noexcept { handle_ = Owner(); }

  private:
    friend class Client;

    using Owner = detail::Owner<uservoice_export>;

    explicit Export(Owner handle) noexcept : handle_(std::move(handle)) {}

    static ExportProgress parse(std::string json)
    {
        const auto integer = [](double value) { return static_cast<std::uint64_t>(value); };
        ExportProgress progress;
        progress.written = integer(detail::number(json, "/written").value_or(0));
        if (const auto total = detail::number(json, "/total"))
            progress.total = integer(*total);
        progress.elapsed = std::chrono::milliseconds(
            integer(detail::number(json, "/elapsed_ms").value_or(0)));
        progress.records_per_second = detail::number(json, "/records_per_second").value_or(0);
        if (const auto seconds = detail::number(json, "/seconds_left"))
            progress.remaining = std::chrono::duration<double>(*seconds);
        progress.json = std::move(json);
        return progress;
    }

    Owner handle_;
};

} // namespace uservoice

#endif // USERVOICE_EXPORT_HPP
