//! As much of XML as AWS's replies are made of: read into a tree, changed there, and written again.

use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    /// As written, with the space before it.
    attributes: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub fn with_text(name: &str, text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::new(name) }
    }

    pub fn with_children(name: &str, children: Vec<Self>) -> Self {
        Self { children, ..Self::new(name) }
    }

    /// The root of a document, or nothing for what is no XML.
    pub fn parse(document: &str) -> Option<Self> {
        let mut open = vec![Self::default()];
        let mut rest = document;
        while let Some((text, after)) = rest.split_once('<') {
            open.last_mut()?.text.push_str(&unescaped(text.trim()));
            let (tag, after) = after.split_once('>')?;
            rest = after;
            if tag.starts_with(['?', '!']) {
                continue;
            }
            if tag.starts_with('/') {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            } else if let Some(tag) = tag.strip_suffix('/') {
                open.last_mut()?.children.push(Self::opened(tag));
            } else {
                open.push(Self::opened(tag));
            }
        }
        open.pop()?.children.into_iter().next()
    }

    fn opened(tag: &str) -> Self {
        let tag = tag.trim_end();
        let end = tag.find(' ').unwrap_or(tag.len());
        Self { name: tag[..end].to_owned(), attributes: tag[end..].to_owned(), ..Self::default() }
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// The text at the end of a path such as `State/Code`; empty when there is none.
    pub fn text_at(&self, path: &str) -> &str {
        self.at(path).map_or("", |found| &found.text)
    }

    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    pub fn at_mut(&mut self, path: &str) -> Option<&mut Self> {
        path.split('/').try_fold(self, |element, name| element.child_mut(name))
    }

    /// What is listed at the end of a path.
    pub fn list(&self, path: &str) -> &[Self] {
        self.at(path).map_or(&[], |found| &found.children)
    }

    pub fn remove(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }

    /// Puts the text under this name, whether or not there was one.
    pub fn set(&mut self, name: &str, text: &str) {
        self.remove(name);
        self.children.push(Self::with_text(name, text));
    }
}

impl fmt::Display for Element {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, text, children } = self;
        write!(out, "<{name}{attributes}>{}", escaped(text))?;
        children.iter().try_for_each(|child| write!(out, "{child}"))?;
        write!(out, "</{name}>")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'");
    plain.replace("&#x27;", "'").replace("&#34;", "\"").replace("&amp;", "&")
}
