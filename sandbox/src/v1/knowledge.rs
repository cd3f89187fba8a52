//! The knowledge base, and the lists that a site's settings make.

use serde_json::{Value, json};

use super::call::{Call, OLDEST_FIRST, Reply, date, not_found, one};
use crate::data::{Article, CustomField, Id, Status, Topic};

fn show_topic(call: &Call, topic: &Topic) -> Value {
    let articles = call.data.articles.iter();
    let count = articles.filter(|article| article.topic == topic.id).count();
    json!({ "id": topic.id, "name": topic.name, "article_count": count })
}

fn show_article(call: &Call, article: &Article) -> Value {
    let topic = call.data.topics.get(article.topic);
    json!({
        "id": article.id,
        "question": article.question,
        "answer_html": article.answer,
        "url": format!("{}/knowledgebase/articles/{}", call.site, article.id),
        "path": format!("/knowledgebase/articles/{}", article.id),
        "published": true,
        "topic": topic.map(|topic| show_topic(call, topic)),
        "created_at": date(article.created_at),
        "updated_at": date(article.created_at),
    })
}

pub fn show_status(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "hex_color": status.hex_color,
        "key": status.key,
    })
}

pub fn articles(call: &Call, topic: Option<Id>) -> Reply {
    if topic.is_some_and(|topic| call.data.topics.get(topic).is_none()) {
        return Err(not_found("Topic"));
    }
    let rows = call.data.articles.iter();
    let rows = rows.filter(|article| topic.is_none_or(|topic| article.topic == topic));
    call.list("articles", OLDEST_FIRST, rows.collect(), |one| {
        show_article(call, one)
    })
}

pub fn search(call: &Call) -> Reply {
    let wanted = call.search_text()?;
    let rows = call.data.articles.iter();
    let rows = rows.filter(|article| article.question.to_lowercase().contains(&wanted));
    call.list("articles", OLDEST_FIRST, rows.collect(), |one| {
        show_article(call, one)
    })
}

pub fn article(call: &Call, id: Id) -> Reply {
    let article = call.data.articles.get(id);
    let article = article.ok_or_else(|| not_found("Article"))?;
    one("article", show_article(call, article))
}

pub fn topics(call: &Call) -> Reply {
    let rows = call.data.topics.iter().collect();
    call.list("topics", OLDEST_FIRST, rows, |one| show_topic(call, one))
}

pub fn statuses(call: &Call) -> Reply {
    let rows = call.data.statuses.iter().collect();
    call.list("statuses", OLDEST_FIRST, rows, show_status)
}

pub fn custom_fields(call: &Call) -> Reply {
    call.signed()?;
    let rows = call.data.custom_fields.iter().collect();
    call.list(
        "custom_fields",
        OLDEST_FIRST,
        rows,
        |field: &CustomField| {
            json!({
                "id": field.id,
                "name": field.key,
                "field_type": field.kind,
                "possible_values": field.possible_values,
            })
        },
    )
}
