"""How long a letter takes: ours against the plain call of the same library, Chromium kept warm, and typst; and its memory.

The same letter each time: a provisional ban of two pages, with the same style sheet and fonts. The ways are taken in turn,
and of each the quickest counts, so that what else the machine does falls on none alone.
"""

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from django.conf import settings

from letters import fonts, press, rendering, samples
from tests.bench.measures import Result

NAMES = ("letter-warm", "letter-batch", "letter-vs-chromium", "letter-memory")
KIND = "provisional_ban"
ROUNDS, BATCH, MANY = 15, 500, 5_000
CHROMIUM = "/usr/bin/chromium"
PLAIN = "import sys; from weasyprint import HTML; HTML(string=sys.stdin.read()).write_pdf(pdf_variant='pdf/ua-1')"


def measure(wanted: list[str]) -> list[Result]:
    found = []
    if {"letter-warm", "letter-vs-chromium", "letter-batch"} & set(wanted):
        found += [result for result in in_turn("letter-batch" in wanted) if result.name in wanted]
    if "letter-memory" in wanted:
        found.append(memory())
    return found


def ours(number: int = 42) -> bytes:
    return press.letter(KIND, samples.facts(KIND, reference=f"ASH-2026-{number:04}"))


def whole_page() -> str:
    """The letter as one HTML file with style and fonts in it, as one would give it to any program."""
    faces = "".join(fonts.face("Conduct Letter", weight, path) for weight, path in fonts.FACES.items())
    style = f"<style>{faces}{fonts.STYLE.read_text(encoding='utf-8')}</style>"
    return rendering.page(KIND, samples.facts(KIND)).replace("</head>", f"{style}</head>")


def plain(html: str) -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
    return made


def in_turn(batch: bool) -> list[Result]:
    html = whole_page()
    ways = {"plain": lambda: plain(html), "ours": ours}
    with Chromium() as chromium:
        if chromium.page is not None:
            ways["chromium"] = lambda: chromium.printed(html)
        took = quickest(ways)
    anew = min(timed(lambda: in_a_new_process(html)) for _ in range(3))
    words = f"plain warm {1000 * took['plain']:.0f} ms, in a new process {1000 * anew:.0f} ms, ours {1000 * took['ours']:.0f} ms"
    found = [ratio("letter-warm", took["ours"] / took["plain"], 0.55, f"{words}; {typst()}")]
    if "chromium" in took:
        against = f"Chromium kept warm ({1000 * took['chromium']:.0f} ms)"
        found.append(ratio("letter-vs-chromium", took["ours"] / took["chromium"], 1, against))
    else:
        found.append(Result("letter-vs-chromium", 0, "of its time", "Chromium is not installed here", "below 1", False))
    if batch:
        each, cores = in_processes()
        against = f"plain warm; {BATCH} letters in {cores} processes, {1000 * each:.0f} ms a letter and core"
        found.append(ratio("letter-batch", each / took["plain"], 0.6, against))
    return found


def ratio(name: str, value: float, most: float, against: str) -> Result:
    return Result(name, round(value, 2), "of its time", against, f"at most {most}", value <= most)


def quickest(ways) -> dict[str, float]:
    """The shortest time of each way: what else the machine does can only make it longer."""
    for way in ways.values():
        way()  # the first time warms what there is to warm
    took = [{name: timed(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: min(one[name] for one in took) for name in ways}


def timed(way) -> float:
    began = perf_counter()
    way()
    return perf_counter() - began


def in_a_new_process(html: str) -> None:
    subprocess.run([sys.executable, "-c", PLAIN], input=html.encode(), cwd=settings.BASE_DIR, check=True)


class Chromium:
    """Debian's Chromium, started once, printing the same page to PDF; `page` is None where it is not installed."""

    def __enter__(self):
        self.page = None
        if Path(CHROMIUM).exists():
            from playwright.sync_api import sync_playwright

            self.playwright = sync_playwright().start()
            self.browser = self.playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            self.page = self.browser.new_page()
        return self

    def printed(self, html: str) -> bytes:
        self.page.set_content(html)
        return self.page.pdf(format="A4", tagged=True, prefer_css_page_size=True)

    def __exit__(self, *wrong):
        if self.page is not None:
            self.browser.close()
            self.playwright.stop()


def typst() -> str:
    """The limit to look up to, where it is there: it belongs to nothing of ours."""
    return "typst was not measured" if importlib.util.find_spec("typst") else "typst is not installed here"


def in_processes() -> tuple[float, int]:
    """Seconds a letter and core when many are made at once: a process a core, each with a press, as the worker has them."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=begin) as pool:
        list(pool.map(printed, range(cores * 4), chunksize=4))  # each has its press
        took = timed(lambda: list(pool.map(printed, range(BATCH), chunksize=10)))
    return took * cores / BATCH, cores


def begin() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduct.settings")
    django.setup()


def printed(number: int) -> int:
    return len(ours(number))


def memory() -> Result:
    """What the press has grown by over many letters, after it is warm, when it is never replaced."""
    settings.PRESS_REPLACED_AFTER = 10 * MANY
    press.ours.end()
    warm = MANY // 10
    for number in range(MANY):
        ours(number)
        if number == warm:
            at_warm = resident()
    grown = resident() / at_warm
    against = f"after {warm:,} letters ({at_warm / 1024:.0f} MB); in use it is replaced after 1,000"
    return Result("letter-memory", round(grown, 2), f"times, after {MANY:,}", against, "at most 1.1", grown <= 1.1)


def resident() -> int:
    """Kilobytes of memory that the press has now."""
    assert press.ours.press is not None
    lines = Path(f"/proc/{press.ours.press.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
