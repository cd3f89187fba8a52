//! The knowledge base: articles and topics.

use serde_json::{Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::response::{ApiResult, format_time, not_found, ok};
use crate::data::{Article, Id, Topic};

fn topic_to_json(ctx: &Context, topic: &Topic) -> Value {
    let articles = ctx.data.articles.iter();
    let count = articles.filter(|article| article.topic == topic.id).count();
    json!({ "id": topic.id, "name": topic.name, "article_count": count })
}

fn article_to_json(ctx: &Context, article: &Article) -> Value {
    let topic = ctx.data.topics.get(article.topic);
    json!({
        "id": article.id,
        "question": article.question,
        "answer_html": article.answer,
        "url": format!("{}/knowledgebase/articles/{}", ctx.origin, article.id),
        "path": format!("/knowledgebase/articles/{}", article.id),
        "published": true,
        "topic": topic.map(|topic| topic_to_json(ctx, topic)),
        "created_at": format_time(article.created_at),
        "updated_at": format_time(article.created_at),
    })
}

pub fn articles(ctx: &Context, topic: Option<Id>) -> ApiResult {
    if topic.is_some_and(|topic| ctx.data.topics.get(topic).is_none()) {
        return Err(not_found("Topic"));
    }
    let rows = ctx.data.articles.iter();
    let rows = rows.filter(|article| topic.is_none_or(|topic| article.topic == topic));
    ctx.page("articles", OLDEST_FIRST, rows.collect(), |record| {
        article_to_json(ctx, record)
    })
}

pub fn search(ctx: &Context) -> ApiResult {
    let query = ctx.search_query()?;
    let rows = ctx.data.articles.iter();
    let rows = rows.filter(|article| article.question.to_lowercase().contains(&query));
    ctx.page("articles", OLDEST_FIRST, rows.collect(), |record| {
        article_to_json(ctx, record)
    })
}

pub fn article(ctx: &Context, id: Id) -> ApiResult {
    let article = ctx.data.articles.get(id);
    let article = article.ok_or_else(|| not_found("Article"))?;
    ok("article", article_to_json(ctx, article))
}

pub fn topics(ctx: &Context) -> ApiResult {
    let rows = ctx.data.topics.iter().collect();
    ctx.page("topics", OLDEST_FIRST, rows, |record| {
        topic_to_json(ctx, record)
    })
}
