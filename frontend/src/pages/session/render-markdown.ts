/**
 * GitHub's Markdown to HTML that is safe to show: a text of a session comes from anywhere.
 * Nothing in it runs, styles the page or loads anything by itself; a link is followed only
 * when clicked, and tells its target nothing.
 */

import DOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";

const TAGS = [
  "a",
  "b",
  "blockquote",
  "br",
  "code",
  "del",
  "em",
  "hr",
  "i",
  "kbd",
  "li",
  "ol",
  "p",
  "pre",
  "s",
  "span",
  "strong",
  "sub",
  "sup",
  "table",
  "tbody",
  "td",
  "th",
  "thead",
  "tr",
  "ul",
];
const KEPT = 400;

const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  renderer: {
    // What an agent wrote as a heading is none of this page's structure.
    heading({ tokens, depth }: Tokens.Heading): string {
      return `<p data-heading="${depth}">${this.parser.parseInline(tokens)}</p>`;
    },
    checkbox({ checked }: Tokens.Checkbox): string {
      return checked ? "☑ " : "☐ ";
    },
    image({ text, href }: Tokens.Image): string {
      return `<span>[image: ${escapeHtml(text || href)}]</span>`;
    },
    // Tags in a text are part of what was said; they are shown as written.
    html({ text }: Tokens.HTML | Tokens.Tag): string {
      return escapeHtml(text);
    },
  },
});

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

const cache = new Map<string, string>();

export function renderMarkdown(markdown: string): string {
  const known = cache.get(markdown);
  if (known !== undefined) return known;
  const html = purifier.sanitize(marked.parse(markdown) as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start", "align"],
    ALLOWED_URI_REGEXP: /^(https?|mailto):/i,
  });
  if (cache.size >= KEPT) cache.clear();
  cache.set(markdown, html);
  return html;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
