"""How long a letter takes: ours against the plain call of the same library, Chromium kept warm, and typst; and its memory.

The same letter each time: a provisional ban of two pages, with the same style sheet and fonts. The ways are taken in turn,
and of each the quickest counts, so that what else the machine does falls on none alone.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db import connection

from letters import fonts, letterhead, press, rendering, samples
from letters.models import Letter, RunLetter
from sanctions import runs
from sanctions.models import CaseLetter
from tests.bench import worker
from tests.bench.measures import Result
from tests.bench.worker import MORNING, processor_time
from tests.factories import World, signed
from tests.letters.test_post_room_pages import extra_ban

NAMES = ("letter-warm", "letter-batch", "letter-vs-chromium", "letter-memory")
KIND = "provisional_ban"
ROUNDS = 15
BATCH = int(os.environ.get("CONDUCT_BENCH_BATCH", "60"))  # letters of a run
MANY = int(os.environ.get("CONDUCT_BENCH_LETTERS", "1500"))  # from one press
ADDRESS = "{} Low Road\nTownham\nTW1 9ZZ"
CHROMIUM = "/usr/bin/chromium"
PLAIN = "import sys; from weasyprint import HTML; HTML(string=sys.stdin.read()).write_pdf(pdf_variant='pdf/ua-1')"


def measure(wanted: list[str]) -> list[Result]:
    found = []
    if {"letter-warm", "letter-vs-chromium"} & set(wanted):
        found += [result for result in in_turn() if result.name in wanted]
    if "letter-batch" in wanted:
        found.append(batch())
    if "letter-memory" in wanted:
        found.append(memory())
    return found


def ours(number: int = 42) -> bytes:
    return press.letter(KIND, samples.facts(KIND, reference=f"ASH-2026-{number:04}"))


def in_one_file(page: str) -> str:
    """A letter as one HTML file with style and fonts in it, as one would give it to any program."""
    faces = "".join(fonts.face("Conduct Letter", weight, path) for weight, path in fonts.FACES.items())
    style = f"<style>{faces}{fonts.STYLE.read_text(encoding='utf-8')}</style>"
    return page.replace("</head>", f"{style}</head>")


def plain(html: str) -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
    return made


def in_turn() -> list[Result]:
    html = in_one_file(rendering.page(KIND, samples.facts(KIND)))
    ways = {"plain": lambda: plain(html), "ours": ours}
    with Chromium() as chromium:
        if chromium.page is not None:
            ways["chromium"] = lambda: chromium.printed(html)
        took = quickest(ways)
    (plainly, by_us), (clock, our_clock) = zip(took["plain"], took["ours"], strict=True)
    anew = min(timed(lambda: in_a_new_process(html))[1] for _ in range(3))
    words = f"plain warm {ms(plainly)} of the processor ({ms(clock)} by the clock), in a new process {ms(anew)} by the clock"
    words += f", ours {ms(by_us)} ({ms(our_clock)}); {typst()}"
    found = [ratio("letter-warm", by_us / plainly, 0.55, words)]
    if "chromium" in took:
        against = f"Chromium kept warm: {ms(took['chromium'][1])} by the clock, ours {ms(our_clock)}"
        found.append(ratio("letter-vs-chromium", our_clock / took["chromium"][1], 1, against))
    else:
        found.append(Result("letter-vs-chromium", 0, "of its time", "Chromium is not installed here", "below 1", False))
    return found


def batch() -> Result:
    made = issued_in_runs()
    plainly, _ = quickest({"plain": lambda: plain(made.page)})["plain"]
    against = f"plain warm {ms(plainly)} of the processor; {made.letters} letters in {made.processes} runs at once on"
    against += f" {connection.vendor}, each {ms(made.processor)} of the processor and {ms(made.clock)} by the clock"
    return ratio("letter-batch", made.processor / plainly, 0.6, against)


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def ratio(name: str, value: float, most: float, against: str) -> Result:
    return Result(name, round(value, 2), "of its time", against, f"at most {most}", value <= most)


Took = tuple[float, float]  # seconds of the processor, and by the clock


def quickest(ways: dict[str, Callable[[], object]]) -> dict[str, Took]:
    """The shortest time of each way: what else the machine does can only make it longer."""
    for way in ways.values():
        way()  # the first time warms what there is to warm
    took = [{name: timed(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: (min(one[name][0] for one in took), min(one[name][1] for one in took)) for name in ways}


def timed(way: Callable[[], object]) -> Took:
    processor, clock = processor_time(), perf_counter()
    way()
    return processor_time() - processor, perf_counter() - clock


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


@dataclass(frozen=True)
class Batch:
    """What a run of letters took: for each letter, and for each process that worked on one of its parts."""

    letters: int
    processes: int
    page: str  # one of the letters, as one HTML file
    clock: float  # seconds of each letter
    processor: float


def issued_in_runs() -> Batch:
    """Issue many approved drafts as a clerk does who presses the button: a run, and a worker for each core that works on it.

    SQLite lets one write at a time, and a letter is one write: there it is one worker.
    """
    cores = (os.cpu_count() or 1) if connection.vendor == "postgresql" else 1
    runs.send = lambda pk: None  # nobody else is told
    begun = [begin_run(BATCH // cores) for _ in range(cores)]
    database = connection.settings_dict["NAME"]
    connection.close()
    with ProcessPoolExecutor(
        cores, mp_context=get_context("spawn"), initializer=worker.begin, initargs=(database,)
    ) as pool:
        took = list(pool.map(worker.worked, begun))
    letters = RunLetter.objects.filter(run__in=begun, fate="done").count()
    if letters != BATCH // cores * cores:
        raise SystemExit(f"only {letters} of {BATCH} letters were issued: the measure means nothing")
    one = Letter.objects.filter(in_runs__run__in=begun).order_by("pk")[0]
    page = in_one_file(rendering.page(one.kind, one.facts, look=letterhead.seen(one.look)))
    clock, processor = (sum(each) / letters for each in zip(*took, strict=True))
    return Batch(letters, cores, page, clock, processor)


def begin_run(letters: int) -> int:
    """A school where so many bans were decided and their letters approved; the run that is to issue them."""
    world = World("sholing")
    for number in range(letters):
        signed(CaseLetter.objects.get(letter=extra_ban(world, f"Person {number}", ADDRESS.format(number), issue=False)))
    run = runs.begin_issuing(world.school, by=world.adam, at=MORNING).run
    assert run is not None
    assert run.parts.count() == letters
    return run.pk


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
    each = (resident() - at_warm) / (MANY - warm)
    against = (
        f"after {warm:,} letters ({at_warm / 1024:.0f} MB), {each:.0f} KB a letter; in use it is replaced after 1,000"
    )
    return Result("letter-memory", round(grown, 2), f"times, after {MANY:,}", against, "at most 1.1", grown <= 1.1)


def resident() -> int:
    """Kilobytes of memory that the press has now."""
    assert press.ours.press is not None
    lines = Path(f"/proc/{press.ours.press.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
