//! A report's page, parsed as a browser parses it, and what holds of every such page.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// With that of everything inside.
    pub text: String,
    /// The names of the elements around it, outermost first.
    pub around: Vec<String>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").split_whitespace().any(|one| one == class)
    }
}

pub struct Page {
    pub elements: Vec<Element>,
}

impl Page {
    /// Parses the page, and asserts what holds of every one.
    #[track_caller]
    pub fn sound(source: &str) -> Self {
        assert!(!source.contains('\u{1b}'), "colours of a terminal in the page");
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(source);
        let errors = dom.errors.borrow().clone();
        assert!(errors.is_empty(), "not valid HTML: {errors:?}");
        let mut elements = Vec::new();
        gather(&dom.document, &[], &mut elements);
        let page = Self { elements };
        assert!(!page.all("footer")[0].text.contains(".."), "{}", page.all("footer")[0].text);
        page.assert_self_contained();
        page.assert_accessible();
        page
    }

    pub fn all(&self, name: &str) -> Vec<&Element> {
        self.elements.iter().filter(|element| element.name == name).collect()
    }

    pub fn with_class(&self, class: &str) -> Vec<&Element> {
        self.elements.iter().filter(|element| element.has_class(class)).collect()
    }

    pub fn text(&self) -> &str {
        &self.all("body")[0].text
    }

    #[track_caller]
    fn assert_self_contained(&self) {
        for element in &self.elements {
            assert!(
                !["script", "link", "iframe", "img", "object", "embed", "base", "form"].contains(&element.name.as_str()),
                "{element:?}"
            );
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "src", "{element:?}");
                assert!(name != "href" || value.starts_with('#'), "leads away: {element:?}");
            }
        }
        let style = &self.all("style")[0].text;
        assert!(!style.contains("url(") && !style.contains("@import"), "the style fetches something");
        let policy = self.all("meta").into_iter().find(|meta| meta.attribute("http-equiv") == "Content-Security-Policy").expect("a policy");
        assert!(policy.attribute("content").starts_with("default-src 'none'"), "{policy:?}");
    }

    #[track_caller]
    fn assert_accessible(&self) {
        assert_eq!(self.all("html")[0].attribute("lang"), "en");
        for landmark in ["header", "main", "footer", "h1", "title"] {
            assert_eq!(self.all(landmark).iter().filter(|element| !element.around.contains(&"svg".to_owned())).count(), 1, "{landmark}");
        }
        assert_eq!(self.all("table").len(), self.all("caption").len(), "a table without a caption");
        for heading in self.all("th") {
            assert!(["col", "row"].contains(&heading.attribute("scope")), "{heading:?}");
        }
        for drawing in self.all("svg") {
            assert!(drawing.attribute("role") == "img" && !drawing.attribute("aria-label").is_empty(), "a drawing without words");
        }
        self.assert_headings_descend();
        self.assert_references_resolve();
    }

    #[track_caller]
    fn assert_headings_descend(&self) {
        let levels = self.elements.iter().filter_map(|element| element.name.strip_prefix('h')?.parse::<u32>().ok());
        let mut last = 0;
        for level in levels {
            assert!(level <= last + 1, "h{level} after h{last}");
            last = level;
        }
    }

    #[track_caller]
    fn assert_references_resolve(&self) {
        let ids: Vec<&str> = self.elements.iter().map(|element| element.attribute("id")).filter(|id| !id.is_empty()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "an id is there twice: {ids:?}");
        for element in &self.elements {
            let named =
                element.attribute("href").strip_prefix('#').into_iter().chain(element.attribute("aria-labelledby").split_whitespace());
            named.for_each(|id| assert!(unique.contains(id), "nothing is called {id}"));
        }
    }
}

fn gather(node: &Handle, around: &[String], found: &mut Vec<Element>) -> String {
    let own = match &node.data {
        NodeData::Text { contents } => return contents.borrow().to_string(),
        NodeData::Element { name, attrs, .. } => {
            Some((name.local.to_string(), attrs.borrow().iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect()))
        }
        _ => None,
    };
    let place = found.len();
    let mut inner = around.to_vec();
    if let Some((name, attributes)) = own {
        inner.push(String::clone(&name));
        found.push(Element { name, attributes, text: String::new(), around: around.to_vec() });
    }
    let text: String = node.children.borrow().iter().map(|child| gather(child, &inner, found)).collect();
    if inner.len() > around.len() {
        found[place].text.clone_from(&text);
    }
    text
}
