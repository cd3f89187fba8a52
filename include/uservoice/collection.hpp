/// @file collection.hpp
/// Collection: a list of records.
#ifndef USERVOICE_COLLECTION_HPP
#define USERVOICE_COLLECTION_HPP

#include "detail/call.hpp"

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace uservoice {

/// A list of records, loaded page by page as it is read, with the next pages prefetched.
/// Outlives the client that created it. Records are JSON.
///
/// Read it with range-for, with an algorithm that takes input iterators, or with next().
/// All iterators and threads share one position, so each record is returned once.
class [[nodiscard]] Collection {
  public:
    /// An input iterator over the records that have not been read. `++` throws an Error
    /// if the next record cannot be loaded, and may be repeated. An iterator is valid
    /// until the collection is closed or destroyed; the collection may be moved.
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag; ///< for std::iterator_traits
        using value_type = std::string;                    ///< a record
        using difference_type = std::ptrdiff_t;            ///< for std::iterator_traits
        using pointer = const std::string *;               ///< for std::iterator_traits
        using reference = const std::string &;             ///< for std::iterator_traits

        /// Creates an end iterator.
        iterator() = default;

        /// Returns the record.
        reference operator*() const noexcept { return record_; }
        /// Accesses a member of the record.
        pointer operator->() const noexcept { return &record_; }

        /// Reads the next record.
        iterator &operator++()
        {
            auto record = read(collection_, uservoice_collection_next).value();
            if (record)
                record_ = *std::move(record);
            else
                *this = iterator();
            return *this;
        }

        /// Reads the next record and returns an iterator with the previous one.
        iterator operator++(int)
        {
            iterator previous = *this;
            ++*this;
            return previous;
        }

        /// Returns whether both are at the end, or both read the same collection.
        friend bool operator==(const iterator &a, const iterator &b) noexcept
        {
            return a.collection_ == b.collection_;
        }
        /// Returns whether a == b is false.
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

      private:
        friend class Collection;

        explicit iterator(uservoice_collection *collection) : collection_(collection) { ++*this; }

        uservoice_collection *collection_ = nullptr;
        std::string record_;
    };

    /// Reads the next record and returns an iterator with it. Call rewind() to start at
    /// the first record.
    iterator begin() { return iterator(handle_.get()); }

    /// Returns the end iterator of every collection.
    iterator end() noexcept { return {}; }

    /// Returns the next record, or nothing at the end. After an error the next call
    /// resumes at the same record. If the list shrinks while it is read, it ends early
    /// without an error; if it grows, it is read as far as the first length().
    std::optional<std::string> next() { return try_next().value(); }
    Result<std::optional<std::string>> try_next()
    {
        return read(handle_.get(), uservoice_collection_next);
    }

    /// Returns the unread records of the current page, or the next page, as a JSON array;
    /// nothing at the end. With the option whole_pages, returns the complete response
    /// with everything in it, such as the records of "includes".
    std::optional<std::string> next_page() { return try_next_page().value(); }
    Result<std::optional<std::string>> try_next_page()
    {
        return read(handle_.get(), uservoice_collection_next_page);
    }

    /// Returns the record at an index from 0. Loads its page if necessary. An index past
    /// the end fails with Status::invalid_argument.
    std::string at(std::size_t index) { return try_at(index).value(); }
    Result<std::string> try_at(std::size_t index)
    {
        return detail::call_string(uservoice_collection_get, handle(handle_.get()), index);
    }

    /// Returns the number of records: the smaller of the limit and the total that the
    /// service reports with the first page. Loads that page if necessary. Without a
    /// reported total it fails with Status::bad_response.
    std::size_t length() { return try_length().value(); }
    Result<std::size_t> try_length()
    {
        std::size_t length = 0;
        if (auto error = detail::call(uservoice_collection_len, handle(handle_.get()), &length))
            return *std::move(error);
        return length;
    }

    /// Returns the paging object of the page that was loaded last, as JSON; "null" if the
    /// response has none. Loads the first page if no page was loaded.
    std::string info() { return try_info().value(); }
    Result<std::string> try_info()
    {
        return detail::call_string(uservoice_collection_info, handle(handle_.get()));
    }

    /// Starts again at the first record. Every page is loaded again, and the length too.
    void rewind() noexcept { uservoice_collection_rewind(handle_.get()); }

    /// Frees the collection and stops its prefetching. Using it afterwards fails with
    /// Status::invalid_argument. No other thread may be using it.
    void close() noexcept { handle_ = Owner(); }

  private:
    friend class Client;

    using Owner = detail::Owner<uservoice_collection>;

    explicit Collection(Owner handle) noexcept : handle_(std::move(handle)) {}

    static detail::Handle<uservoice_collection> handle(uservoice_collection *collection) noexcept
    {
        return {"collection", collection};
    }

    template <class Function>
    static Result<std::optional<std::string>> read(uservoice_collection *collection,
                                                   Function function)
    {
        return detail::call_optional_string(function, handle(collection));
    }

    Owner handle_;
};

} // namespace uservoice

#endif // USERVOICE_COLLECTION_HPP
