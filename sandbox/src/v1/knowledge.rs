//! The knowledge base: articles and topics.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::context::{Context, OLDEST_FIRST};
use super::fields::{number, text};
use super::response::{ApiError, ApiResult, format_time, invalid, not_found, ok};
use crate::data::{Article, Id, Topic};

fn topic_to_json(ctx: &Context, topic: &Topic) -> Value {
    let articles = ctx.data.articles.iter();
    let count = articles.filter(|article| article.topic == topic.id).count();
    json!({ "id": topic.id, "name": topic.name, "article_count": count })
}

pub fn article_to_json(ctx: &Context, article: &Article) -> Value {
    let topic = ctx.data.topics.get(article.topic);
    json!({
        "id": article.id,
        "question": article.question,
        "answer_html": article.answer,
        "title": article.question,
        "text": article.answer,
        "formatted_text": article.answer,
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

pub fn search(ctx: &Context, topic: Option<Id>) -> ApiResult {
    let query = ctx.search_query()?;
    ctx.page(
        "articles",
        OLDEST_FIRST,
        found(ctx, &query, topic),
        |record| article_to_json(ctx, record),
    )
}

/// Returns the articles of a topic, or of all, whose question contains the query.
pub fn found<'a>(ctx: &'a Context, query: &str, topic: Option<Id>) -> Vec<&'a Article> {
    let rows = ctx.data.articles.iter();
    let rows = rows.filter(|article| topic.is_none_or(|topic| article.topic == topic));
    rows.filter(|article| article.question.to_lowercase().contains(query))
        .collect()
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

pub fn topic(ctx: &Context, id: Id) -> ApiResult {
    let topic = ctx.data.topics.get(id);
    let topic = topic.ok_or_else(|| not_found("Topic"))?;
    ok("topic", topic_to_json(ctx, topic))
}

/// Returns the topic of `topic_id`, which must exist.
fn topic_id(ctx: &Context, article: &Map<String, Value>) -> Result<Option<Id>, ApiError> {
    let topic = number(article, "topic_id")?;
    match topic.is_none_or(|id| ctx.data.topics.get(id).is_some()) {
        true => Ok(topic),
        false => Err(invalid("Topic is unknown")),
    }
}

/// Creates an article, in the first topic unless the request names another.
pub fn create(ctx: &mut Context) -> ApiResult {
    ctx.require_admin()?;
    let input = ctx.object("article")?;
    let question = text(&input, "question").or(text(&input, "title"));
    let question = question.ok_or_else(|| invalid("Question can't be blank"))?;
    let topic = topic_id(ctx, &input)?.or(ctx.data.topics.iter().next().map(|topic| topic.id));
    let topic = topic.ok_or_else(|| invalid("Topic can't be blank"))?;
    let now = ctx.now;
    let id = ctx
        .data
        .articles
        .insert(|id| Article {
            id,
            topic,
            question: question.into(),
            answer: text(&input, "answer_html").unwrap_or_default().into(),
            created_at: now,
        })
        .id;
    let (_, body) = article(ctx, id)?;
    Ok((StatusCode::CREATED, body))
}

pub fn update(ctx: &mut Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    let input = ctx.object("article")?;
    let topic = topic_id(ctx, &input)?;
    let record = ctx.data.articles.get_mut(id);
    let record = record.ok_or_else(|| not_found("Article"))?;
    if let Some(question) = text(&input, "question") {
        record.question = question.into();
    }
    if let Some(answer) = text(&input, "answer_html") {
        record.answer = answer.into();
    }
    record.topic = topic.unwrap_or(record.topic);
    article(ctx, id)
}

pub fn delete(ctx: &mut Context, id: Id) -> ApiResult {
    ctx.require_admin()?;
    let (_, deleted) = article(ctx, id)?;
    ctx.data.articles.remove(id);
    Ok((StatusCode::OK, deleted))
}
