"""Whether a posting is for remote, hybrid or on-site work, by the words of a line."""

import re

_CASE = re.IGNORECASE
# A day or some days at home a week; "possible" without more is understood as some days too.
_HYBRID = re.compile(
    r"\bhybrid\w*|\bhybride\b|\bh[ií]brid[oa]\b|\bibrid\w+"
    r"|(?:\b(?:home[\s-]?office|mobile[sn]?\sarbeiten|remote|teilweise\sremote|t[ée]l[ée]travail|travail à distance"
    r"|teletrabajo|working from home|work from home)\b)"
    r"[^.\n]{0,40}?(?:\b(?:nach (?:absprache|vereinbarung)|by arrangement"
    r"|möglich|teilweise|optional|possible|partiel|partielle|fréquent|occasionnel|ponctuel"
    r"|parcial|posible|some days)\b"
    r"|(?:\d|\bein|\bzwei|\bdrei|\bone|\btwo|\bthree|\bun|\bdeux|\btrois|\buno|\bdos|\btres"
    r"|\bbis\szu)\s{0,2}(?:bis\s\d\s|à\s\d\s|[-–]\s?\d\s?)?(?:tage?n?|days?|jours?|d[ií]as?)\b)"
    r"|\b(?:remote|home[\s-]?office|t[ée]l[ée]travail|teletrabajo)\b[^.\n]{0,25}?"
    r"\b(?:up to|bis zu|jusqu['’]à|hasta)\s\d"
    r"|(?:\d|ein|zwei|drei|one|two|three|un|deux|trois|uno|dos|tres)\s(?:tage?n?|days?|jours?"
    r"|d[ií]as?)\s(?:pro woche\s|a week\s|per week\s|each week\s|par semaine\s|"
    r"a la semana\s|por semana\s|die woche\s)?(?:im\s|in\s|at\s|from\s|de\s|en\s|mobile[sn]?\s|der woche\s|the\s"
    r"|per week\s){0,3}"
    r"(?:home[\s-]?office|home|office|büro|arbeiten|t[ée]l[ée]travail|teletrabajo|remote|oficina|bureau|distance)"
    r"|\b(?:[1-4]|one|two|three|four|ein|zwei|drei|vier|un|deux|trois|quatre|uno|dos|tres|cuatro)\s"
    r"(?:tage?n?|days?|jours?|d[ií]as?)\s(?:(?:pro|die) woche\s|(?:a|per|each) week\s|par semaine\s"
    r"|(?:a la|por) semana\s)?(?:on[\s-]?site|vor ort"
    r"|sur (?:site|place)|(?:en )?pr[ée]sentiel|presencial\w*|in präsenz)"
    r"|\b(?:bis zu|up to|jusqu['’]à|hasta(?: un)?) \d{1,2}\s?% (?:mobil|home|remote|de t[ée]l[ée]travail"
    r"|teletrabajo|from home)"
    r"|\b(?:office|büro|bureau|oficina)\b[^.\n]{0,60}\b(?:(?:and|und|et|y|sonst"
    r"|rest)\b[^.\n]{0,25}\b(?:from home|at home"
    r"|zu ?hause|home[\s-]?office|à la maison|chez vous|desde casa))\b"
    r"|\bbetween (?:home and|the office and|home or)\b|\bzwischen (?:home[\s-]?office|büro) und\b"
    r"|\b(?:mix|mischung|mélange) (?:of|aus|de) (?:home|office|büro|présentiel)|\bteil(?:weise|s) (?:remote|home)"
    r"|\bsemipresencial\b|\bpartly remote|\bpartially remote|\bpart[\s-]remote|\bremote[\s-]flexible",
    _CASE,
)
_NOT = re.compile(
    r"\b(?:t[ée]l[ée]travail|teletrabajo|home[\s-]?office|remote(?:\s?(?:work|working|job|option|eligible))?|telework"
    r"|work from home)\s?[:?]?\s?"
    r"\(?(?:non|no|nein|none|not possible|nicht möglich|pas possible)\b"
    r"|\b(?:t[ée]l[ée]travail|teletrabajo|home[\s-]?office|remote(?:\s?work)?|mobiles arbeiten)\b[^.\n]{0,25}?"
    r"\b(?:nicht|not|pas|no)\s(?:es\s)?(?:möglich|possible|posible|available|vorgesehen|offered)"
    r"|\b(?:kein|no|pas de|sin|non)\s(?:home[\s-]?office|t[ée]l[ée]travail|teletrabajo|remote)\b"
    r"|\bnot (?:a )?remote\b|\bnicht remote\b",
    _CASE,
)
_ON_SITE = re.compile(
    r"\bon[\s-]?site\b|\bin[\s-]person\b|\bvor ort\b|\bpr[äa]senz(?:stelle|arbeit|pflicht)?\b|\bpr[ée]sentiel\w*\b"
    r"|\bpresencial\b|\bsur (?:site|place)\b|\bin[\s-](?:the[\s-])?office\b|\bim büro\b|\bau bureau\b"
    r"|\ben (?:la )?oficina\b|\boffice[\s-]based\b",
    _CASE,
)
_REMOTE = re.compile(
    r"\b(?:fully|100\s?%|completely|all|entirely)[\s-]remote\b|\bremote\b|\bwork(?:ing)? from (?:home|anywhere)\b"
    r"|\byou work from home\b"
    r"|\bhome[\s-]?office\b|\bhome[\s-]based\b|\bt[ée]l[ée]travail\b|\bteletrabajo\b|\bà distance\b|\bremoto\b"
    r"|\ben remoto\b|\bortsunabhängig\b|\bfrom anywhere\b"
    r"|\b100\s?% (?:t[ée]l[ée]travail|teletrabajo|home[\s-]?office)",
    _CASE,
)
_FULLY = re.compile(r"\b(?:complet|total|full|100\s?%|vollständig|komplett|intégral|à temps plein)\w*\b", _CASE)
SHORT = 90  # characters of a line that states something; longer ones tell a story


def work_mode_of(line: str) -> str:
    """Return how one works by what a line says, or ""."""
    text = line[:400]
    has_remote = _REMOTE.search(text)
    if has_remote and _FULLY.search(text) and not re.search(r"\bhybrid", text, _CASE):
        return "remote" if not _HYBRID.search(text) or re.search(r"100\s?%|fully", text, _CASE) else "hybrid"
    if _NOT.search(text):
        return "on-site"
    if _HYBRID.search(text):
        return "hybrid"
    if _ON_SITE.search(text):
        return "on-site"
    return "remote" if has_remote else ""
