"""The runbook as the platform shows it, and the commands in it."""

import re

from liquid import Environment
from markdown_it import MarkdownIt

from bundle import ROOT

FRONT_MATTER = re.compile(r"\A---\ntemplating: liquid\n---\n")
OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
# Around what is filled in, so that what is filled in with nothing can be seen.
OPEN, CLOSE = "\ue000", "\ue001"
MARKDOWN = MarkdownIt("commonmark").enable("table")


def source():
    return (ROOT / "operator.md").read_text()


def render(variables, text=None):
    """The Markdown, with marks around everything that was filled in."""
    body = FRONT_MATTER.sub("", text or source())
    marked = OUTPUT.sub(lambda match: f"{OPEN}{match.group(0)}{CLOSE}", body)
    return Environment().from_string(marked).render(**variables)


def plain(marked):
    return marked.replace(OPEN, "").replace(CLOSE, "")


def empty_places(marked):
    """The lines in which something was filled in with nothing."""
    return [plain(line) for line in marked.splitlines() if re.search(f"{OPEN}\\s*{CLOSE}", line)]


def tokens(markdown):
    """Every token of the text, those within a paragraph or a cell included."""
    for token in MARKDOWN.parse(markdown):
        yield token
        yield from token.children or []


def code(markdown):
    """Every piece of code, in the text or by itself."""
    return [token.content for token in tokens(markdown) if token.type in ("code_block", "fence", "code_inline")]


def prose(markdown):
    return [token.content for token in tokens(markdown) if token.type == "text"]


def anchors(markdown):
    """The places that headings make, by the name that a link has for them."""
    parsed = MARKDOWN.parse(markdown)
    titles = [parsed[place + 1].content for place, token in enumerate(parsed) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(markdown):
    return [token.attrs["href"] for token in tokens(markdown) if token.type == "link_open"]


def pictures(markdown):
    return [token.attrs["src"] for token in tokens(markdown) if token.type == "image"]


def uneven_rows(markdown):
    """The rows of tables that have not as many cells as their heading. A parser fills them up or cuts them off silently."""
    found, cells = [], None
    for line in markdown.splitlines():
        count = len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", "", line))) if line.startswith("|") else None
        if count is not None and cells is not None and count != cells:
            found.append(line)
        cells = count if count is None or cells is None else cells
    return found
