"""Renders Markdown as GitHub does, by its own parser, and writes what is on the page as JSON.

Elements and attributes are taken before GitHub cleans the page: what would be cleaned away must not be there at all.
"""

import html.parser
import json
import sys

import cmarkgfm
from cmarkgfm.cmark import Options

VOID = {"br", "hr", "img", "input"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.page = {"elements": [], "attributes": [], "links": [], "text": [], "code": [], "mermaid": [], "rows": []}
        self.unbalanced = []

    def handle_starttag(self, tag, attributes):
        self.page["elements"].append(tag)
        for name, value in attributes:
            self.page["attributes"].append(f"{tag} {name}")
            if name in ("href", "src"):
                self.page["links"].append(value)
        if tag == "tr":
            self.page["rows"].append([])
        if tag in ("td", "th"):
            self.page["rows"][-1].append("")
        if tag == "code":
            kind = "mermaid" if self.is_mermaid() else "code"
            self.page[kind].append("")
        if tag == "pre":
            self.language = dict(attributes).get("lang")
        if tag not in VOID:
            self.open.append(tag)

    def is_mermaid(self):
        return self.open[-1:] == ["pre"] and self.language == "mermaid"

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if "code" in self.open:
            mermaid = self.open[-2:] == ["pre", "code"] and self.language == "mermaid"
            self.page["mermaid" if mermaid else "code"][-1] += data
            return
        self.page["text"].append(data)
        if "td" in self.open or "th" in self.open:
            self.page["rows"][-1][-1] += data


text = open(sys.argv[1], encoding="utf-8", newline="").read()
rendered = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
page = Page()
page.feed(rendered)
page.close()
page.page["text"] = "".join(page.page["text"])
page.page["unbalanced"] = page.unbalanced + page.open
json.dump(page.page, sys.stdout)
