//! Instant answers: the articles and suggestions that match what a user is writing.

use serde_json::Value;

use super::context::{Context, Sorts};
use super::response::ApiResult;
use super::{knowledge, suggestion_lists, suggestions};
use crate::data::{Article, Id, Suggestion};

/// The only order: articles first.
const BY_RELEVANCE: Sorts = &["relevance"];

enum Answer<'a> {
    Article(&'a Article),
    Suggestion(&'a Suggestion),
}

pub fn search(ctx: &Context) -> ApiResult {
    let query = ctx.search_query()?;
    let id = |name: &str| ctx.parameter(name).and_then(|id| id.parse::<Id>().ok());
    let articles = knowledge::found(ctx, &query, id("topic_id"));
    let suggestions = suggestion_lists::found(ctx, &query, id("forum_id"))?;
    let answers: Vec<Answer> = articles
        .into_iter()
        .map(Answer::Article)
        .chain(suggestions.into_iter().map(Answer::Suggestion))
        .collect();
    ctx.page(
        "instant_answers",
        BY_RELEVANCE,
        answers.iter().collect(),
        |answer| to_json(ctx, answer),
    )
}

fn to_json(ctx: &Context, answer: &Answer) -> Value {
    let (kind, mut json) = match answer {
        Answer::Article(article) => ("article", knowledge::article_to_json(ctx, article)),
        Answer::Suggestion(suggestion) => ("suggestion", suggestions::to_json(ctx, suggestion)),
    };
    json["type"] = kind.into();
    json["normalized_weight"] = 100.into();
    json
}
