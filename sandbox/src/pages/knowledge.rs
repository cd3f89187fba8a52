//! `/knowledgebase…`: articles by topic.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, PreEscaped, html};

use super::html::{not_found, site_page};
use super::parts::{count, date};
use super::visitor::Visitor;
use crate::data::{Article, Data};
use crate::site::Site;

pub async fn articles(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let state = site.lock();
    let data = &state.data;
    let content = html! {
        h1 { "Articles" }
        @for topic in data.topics.iter() {
            @let articles: Vec<&Article> = data.articles.iter().filter(|article| article.topic == topic.id).collect();
            section {
                h2 { (topic.name) }
                p .meta { (count(articles.len(), "article")) }
                ul .links {
                    @for article in articles {
                        li { a href={ "/knowledgebase/articles/" (article.id) } { (article.question) } }
                    }
                }
            }
        }
    };
    site_page(&visitor, "/knowledgebase", "Articles", content)
}

pub async fn article(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let state = site.lock();
    match id.parse().ok().and_then(|id| state.data.articles.get(id)) {
        Some(article) => {
            let content = article_page(&state.data, article);
            site_page(&visitor, "", &article.question, content)
        }
        None => not_found(),
    }
}

fn article_page(data: &Data, article: &Article) -> Markup {
    let topic = data.topics.get(article.topic);
    html! {
        p .crumbs {
            a href="/knowledgebase" { "Articles" }
            @if let Some(topic) = topic { " / " (topic.name) }
        }
        article {
            h1 { (article.question) }
            // An answer is HTML. The pages' security policy keeps its scripts from running.
            (PreEscaped(&article.answer))
            p .meta { (date(article.created_at)) }
        }
    }
}
