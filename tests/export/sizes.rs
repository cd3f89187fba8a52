//! Pages that would take more memory than a response may: an error, after which nothing is lost.

use uservoice::{Export, Status};

use crate::server::{Server, response};
use crate::service::{Directory, client};

const USERS: &str = r#"{"resources":["users"]}"#;
const CSV: &str = r#"{"format":"csv","resources":[{"name":"users","incremental":false}]}"#;

/// Serves pages whose cursors are their numbers.
fn pages(pages: Vec<String>) -> Server {
    Server::with_handler(move |request| {
        let cursor = request.split("cursor=").nth(1);
        let number = cursor.map_or(0, |cursor| {
            cursor.split(' ').next().unwrap().parse().unwrap()
        });
        let next = match number + 1 < pages.len() {
            true => format!("\"{}\"", number + 1),
            false => "null".to_owned(),
        };
        let paging = format!("\"pagination\":{{\"cursor\":{next}}}");
        response(
            "200 OK",
            "",
            &format!("{{\"users\":[{}],{paging}}}", pages[number]),
        )
    })
}

fn ids(csv: &str) -> Vec<&str> {
    csv.lines()
        .map(|row| row.split(',').next().unwrap())
        .collect()
}

/// The pages after it are loaded ahead, and must not be written in its place.
#[test]
fn page_whose_lines_are_too_long_is_loaded_again() {
    let members: Vec<_> = (0..200).map(|number| format!("\"m{number}\":1")).collect();
    let wide = format!("{{\"id\":0,{}}}", members.join(","));
    let empty = ["{}"; 1000].join(",");
    let mut bodies = vec![wide, empty];
    bodies.extend((2..9).map(|id| format!("{{\"id\":{id}}}")));
    let server = pages(bodies);
    let directory = Directory::new("wide");
    let export = |options| {
        let client = client(&server.base_url, options);
        Export::new(&client, None, &directory.0, CSV).unwrap()
    };
    let first = export(",\"max_response_bytes\":100000");
    let errors: Vec<_> = (0..6).filter_map(|_| first.next().err()).collect();
    assert!(errors.len() >= 5, "{errors:?}");
    for error in errors {
        assert_eq!(error.status(), Status::BadResponse);
        for part in ["lines", "max_response_bytes", "\"users\""] {
            assert!(error.message().contains(part), "{error}");
        }
    }
    assert_eq!(directory.state()["resources"]["users"]["records"], 1);
    drop(first);

    let second = export("");
    while second.next().unwrap().is_some() {}
    let csv = directory.read("users.csv");
    let mut expected = vec!["id", "0"];
    expected.extend([""; 1000]);
    expected.extend(["2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(ids(&csv), expected);
}

/// What is kept of each record is larger than the record.
#[test]
fn page_with_too_many_records_is_an_error() {
    let records = [r#"{"updated_at":"2015-10-21"}"#; 3000].join(",");
    let server = pages(vec![records]);
    let client = client(&server.base_url, ",\"max_response_bytes\":90000");
    let directory = Directory::new("too-many-records");
    let export = Export::new(&client, None, &directory.0, USERS).unwrap();
    for _ in 0..2 {
        let error = export.next().unwrap_err();
        assert_eq!(error.status(), Status::BadResponse);
        let why = "more records than max_response_bytes permits";
        assert!(error.message().contains(why), "{error}");
    }
    assert_eq!(directory.state()["resources"]["users"]["records"], 0);
}

#[test]
fn members_beyond_the_columns_are_kept() {
    let long = "x".repeat(70_000);
    let record = format!("{{\"id\":1,\"{long}\":2,\"last\":3}}");
    let server = pages(vec![record]);
    let client = client(&server.base_url, "");
    let directory = Directory::new("columns");
    let export = Export::new(&client, None, &directory.0, CSV).unwrap();
    while export.next().unwrap().is_some() {}
    let expected = format!("id,last,other\n1,3,\"{{\"\"{long}\"\":2}}\"\n");
    assert!(directory.read("users.csv") == expected);
    assert!(directory.read("state.json").len() < 10_000);
}
