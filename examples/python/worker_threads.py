"""Prints the newest comment on each of 20 suggestions. Four threads share a client to load them."""
import sys
from concurrent.futures import ThreadPoolExecutor

import environment
import uservoice


def newest_comment(client, path):
    comments = client.get(path, {"sort": "newest", "per_page": 1})["comments"]
    return comments[0]["text"] if comments else "(no comment)"


def main():
    with environment.client() as client, ThreadPoolExecutor(max_workers=4) as threads:
        forum = client.get("/api/v1/forums")["forums"][0]
        path = f"/api/v1/forums/{forum['id']}/suggestions"
        suggestions = list(client.get_collection(path, limit=20))
        paths = [f"{path}/{suggestion['id']}/comments" for suggestion in suggestions]
        # The threads share the client's connections and its rate limit.
        comments = threads.map(lambda path: newest_comment(client, path), paths)
        for suggestion, comment in zip(suggestions, comments):
            print(f"{suggestion['title']}: {comment}")


if __name__ == "__main__":
    try:
        main()
    except uservoice.APIError as error:
        sys.exit(str(error))
