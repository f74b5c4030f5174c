"""The dashboard in headless Chromium, against the real service and a simulated Celonis: `make test-ui`."""
import asyncio
import tempfile

from browser import browser
from service import World

HOSTILE = "<img src=x onerror=alert(1)>&lt;\"'"

CARD = "[...document.querySelectorAll('.card')].find((card) => card.querySelector('h3').textContent === '%s')"
# What sticks out of the page on its right, if anything does.
OVERFLOW = """(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) return 'the page is ' + document.documentElement.scrollWidth + ' wide';
  const out = [...document.querySelectorAll('body *:not(svg *)')].filter((one) => one.checkVisibility()
    && getComputedStyle(one).position !== 'absolute' && one.getBoundingClientRect().right > width + 1);
  return out.map((one) => one.outerHTML.slice(0, 120)).join('\\n');
})()"""


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def card(name):
    return CARD % name


async def click(page, name, verb):
    await page.until(f"{card(name)}.querySelector('[data-verb={verb}]:not(:disabled):not([hidden])')", f"{verb} of {name}")
    await page.run(f"{card(name)}.querySelector('[data-verb={verb}]').click()")


async def badge(page, name, state):
    await page.until(f"{card(name)}.querySelector('.badge').dataset.state === '{state}'", f"{name} is {state}")


async def loads_and_lives(page, world):
    await page.until("document.querySelector('#connection').innerText === 'Live'", "Live")
    await page.until("document.querySelector('#verdict').innerText === 'All is well.'", "the state in words")
    await page.until("document.querySelector('#failed-none').checkVisibility()", "no failed jobs")
    await page.until(f"{card('orders')}.innerText.includes('Nothing happened') || {card('orders')}.querySelector('svg').textContent.includes('Nothing happened')", "an empty time line says so")
    # No reload from here on: what is seen comes by the stream.
    await page.run("window.same = true")
    for tables in (["EKKO"], ["EKPO", "EKKO"]):
        check(world.deliver("orders", *tables)[0] == 202, "the delivery is taken in")
    await badge(page, "orders", "waiting")
    await page.until(f"{card('orders')}.querySelectorAll('.tables li').length === 2", "both tables, each once")
    await page.until(f"[...{card('orders')}.querySelectorAll('.tables .age')].every((age) => /^\d+ s$/.test(age.innerText))", "each with its age")
    await page.until(f"{card('orders')}.querySelectorAll('.tick').length > 0", "ticks for the events")
    await page.until(f"{card('orders')}.querySelector('.deadline')", "the deadline")
    await page.until("document.querySelector('#sources-table').innerText.includes('2')", "the source's counter")


async def buttons_act(page, world):
    await click(page, "orders", "hold")
    await badge(page, "orders", "held")
    check(world.get("/api/v1/models/orders")["held"], "the service holds it")
    await page.until("document.querySelector('#reasons').innerText.includes('orders is on hold')", "health's reason")
    await page.until("document.querySelector('#spoken').innerText === 'orders on hold'", "it is said to a screen reader")
    await click(page, "orders", "flush")
    await page.until("document.querySelector('.notice')?.innerText.includes('hold')", "the problem's detail")
    await page.run("document.querySelector('.notice button').click()")
    # The browser itself writes refused requests down; this one was meant.
    check(len(page.problems) == 1 and "409" in page.problems[0], f"more in the console than the refusal: {page.problems}")
    page.problems.clear()
    await click(page, "orders", "release")
    await badge(page, "orders", "waiting")
    await click(page, "orders", "flush")
    await page.until(f"{card('orders')}.querySelector('.bar.succeeded')", "a load that succeeded")
    await page.until("document.querySelector('#funnel').innerText === '2 events became 1 load'", "events became loads")
    await page.until(f"{card('orders')}.querySelector('.chart[role=img] title').textContent.startsWith('Freshness')", "the freshness chart")
    title = await page.run(f"{card('orders')}.querySelector('.timeline title').textContent")
    check("2 events, 1 load (1 succeeded)" in title, f"the time line in words: {title}")


async def failed_jobs(page, world):
    world.deliver("billing", HOSTILE)
    await page.until("document.querySelectorAll('#failed-table tbody tr').length === 1", "the failed job")
    text = await page.run("document.querySelector('#failed-table').innerText")
    check(HOSTILE in text, f"a hostile name is shown as it is: {text}")
    check(await page.run("document.querySelectorAll('img, #failed-table script').length") == 0, "and is no markup")
    job = await page.run("document.querySelector('#failed-table tbody tr').dataset.job")
    await page.run("document.querySelector('[data-verb=retry]').click()")
    await page.until(f"fetch('/api/v1/jobs/{job}').then((a) => a.json()).then((job) => job.attempts.length === 2 && job.state === 'failed')", "a second attempt")
    await page.until("document.querySelectorAll('#failed-table tbody tr').length === 1", "it failed again")
    await page.run("document.querySelector('[data-verb=discard]').click()")
    await page.until("document.querySelector('dialog').open", "a question first")
    check(await page.run("document.activeElement.id") == "confirm-no", "the focus is on what changes nothing")
    await page.key("Escape", 27)
    await page.until("!document.querySelector('dialog').open", "Escape answers no")
    check(world.get(f"/api/v1/jobs/{job}")["state"] == "failed", "nothing was discarded")
    await page.run("document.querySelector('[data-verb=discard]').click()")
    await page.run("document.querySelector('#confirm-yes').click()")
    await page.until("document.querySelector('#failed-none').checkVisibility()", "no failed jobs any more")
    check(world.get(f"/api/v1/jobs/{job}")["outcome"] == "discarded", "it was discarded")
    await page.until("document.querySelector('#verdict').innerText === 'All is well.'", "well again")


async def fits(page):
    for theme in ("light", "dark"):
        await page.theme(theme)
        for width in (320, 400, 768, 1600):
            await page.size(width, 900)
            over = await page.run(OVERFLOW)
            check(not over, f"at {width}, {theme}: {over}")
    colours = []
    for theme in ("light", "dark"):
        await page.theme(theme)
        colours.append(await page.run("getComputedStyle(document.body).backgroundColor"))
    check(colours[0] != colours[1], "dark is another ground than light")
    await page.size(1600, 900)


async def keyboard(page, world):
    await page.run("document.activeElement.blur(), scrollTo(0, 0)")
    reached = []
    for _ in range(40):
        await page.key("Tab", 9)
        one = await page.run("""(() => { const one = document.activeElement, shown = one.matches('.choice input') ? one.parentElement : one;
          return [one.getAttribute('aria-label') ?? one.innerText ?? '', one.id || one.value || one.dataset?.verb || one.className,
            one === document.body || getComputedStyle(shown).outlineStyle !== 'none' && one.matches(':focus-visible')]; })()""")
        reached.append(one)
    names = [name for one in reached for name in one[:2]]
    for wanted in ("skip", "filter", "Hold orders", "Hold billing"):
        check(wanted in names, f"{wanted} is not reached by Tab: {names}")
    check(any(name in ("all", "5", "60") for name in names), "nor are the choices")
    check(all(one[2] for one in reached), f"the focus is not always to be seen: {reached}")
    await page.run(f"{card('orders')}.querySelector('[data-verb=hold]').focus()")
    await page.key("Enter", 13, "\r")
    await badge(page, "orders", "held")
    await page.until("document.activeElement.dataset?.verb === 'release'", "the focus is on what took the button's place")
    summary = f"{card('orders')}.querySelector('details summary')"
    await page.run(f"{summary}.focus(), window.summary = {summary}")
    world.deliver("orders", "VBAK")
    await page.until(f"{card('orders')}.querySelector('.tables')?.innerText.includes('VBAK')", "another pending table")
    check(await page.run("document.activeElement === window.summary"), "the focus stays where it was while the card changes")
    world.post("/api/v1/models/orders/flush")
    world.post("/api/v1/models/orders/release")
    world.post("/api/v1/models/orders/flush")
    await badge(page, "orders", "idle")


async def reads_aloud(page):
    await page.call("Accessibility.enable")
    tree = (await page.call("Accessibility.getFullAXTree"))["nodes"]
    seen = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node.get("ignored") and "role" in node]
    roles = [role for role, _ in seen]
    for role in ("banner", "main", "contentinfo", "region", "table", "status", "article"):
        check(role in roles, f"there is no {role}: {sorted(set(roles))}")
    for role, name in seen:
        if role in ("button", "image", "img", "SvgRoot", "searchbox", "radio", "table", "region", "article", "columnheader"):
            check(name.strip() or role == "SvgRoot", f"a {role} without a name")
    check(await page.run("[...document.querySelectorAll('table')].every((table) => table.caption?.textContent)"), "a table without a caption")
    check(await page.run("document.querySelectorAll('[onclick], div[tabindex=\"0\"], a:not([href])').length") == 0, "what acts is a button")


async def zooms_and_filters(page, world):
    await page.run("document.querySelector('#zoom input[value=\"1440\"]').click()")
    await page.until(f"{card('orders')}.querySelector('.timeline title').textContent.includes('last 24 hours')", "a day")
    await page.run("document.querySelector('#zoom input[value=\"60\"]').click()")
    await page.until(f"{card('orders')}.querySelector('.timeline title').textContent.includes('last hour')", "an hour")
    await page.run("document.querySelector('#filter').value = 'bill', document.querySelector('#filter').dispatchEvent(new Event('input'))")
    await page.until("[...document.querySelectorAll('.card')].filter((card) => !card.hidden).length === 1", "one model of that name")
    await page.run("document.querySelector('#filter').value = 'lfa1', document.querySelector('#filter').dispatchEvent(new Event('input'))")
    await page.until("document.querySelector('#models-none').checkVisibility()", "no model has that table pending")
    world.deliver("orders", "LFA1")
    await page.until(f"!{card('orders')}.hidden", "it is shown once the table is pending")
    await page.run("document.querySelector('#filter').value = '', document.querySelector('#filter').dispatchEvent(new Event('input'))")
    # A reading that fails is tried again by itself, while the stream goes on.
    await page.run("""window.asked = 0, window.truly = window.fetch,
      window.fetch = (path, ...more) => path.includes('timeline') && ++window.asked === 1 ? Promise.reject(new TypeError('lost')) : window.truly(path, ...more)""")
    await page.run("document.querySelector('#zoom input[value=\"1440\"]').click()")
    await page.until("document.querySelector('.notice')?.innerText.includes('tried again')", "it is said")
    await page.until("window.asked >= 2", "and tried again")
    await page.run("window.fetch = window.truly, document.querySelector('.notice button').click()")
    await page.run("document.querySelector('#zoom input[value=\"60\"]').click()")
    check(await page.run("window.same"), "the page was never loaded again")
    check(not page.problems, f"the console is not empty: {page.problems}")


async def changes_ids(page, world):
    world.deliver("billing", "nowhere")
    await page.until(f"{card('billing')}.querySelector('.badge[data-state=failed]').checkVisibility()", "a failed job of the old model")
    world.change("billing", "elsewhere")
    await page.until(f"!{card('billing')}.querySelector('.badge[data-state=failed]').checkVisibility()", "the card is the new model's")
    world.post("/api/v1/models/billing/hold")
    await badge(page, "billing", "held")
    world.post("/api/v1/models/billing/release")
    await badge(page, "billing", "idle")
    check("debounce" in await page.run(f"{card('billing')}.innerText"), "with its settings")
    job = await page.run("document.querySelector('#failed-table tbody tr').dataset.job")
    world.post(f"/api/v1/jobs/{job}/discard")
    await page.until("document.querySelector('#failed-none').checkVisibility()", "nothing is left of the old one")


async def comes_back(page, world):
    world.service.end(kill=True)
    await page.until("document.querySelector('#connection').innerText === 'Connection lost'", "the loss is said")
    await page.until("document.querySelector('#lost').checkVisibility()", "and since when")
    await asyncio.get_running_loop().run_in_executor(None, world.start)
    await page.until("document.querySelector('#connection').innerText === 'Live'", "it comes back by itself", 60)
    await page.until("!document.querySelector('#lost').checkVisibility()", "the banner goes")
    await page.until("document.querySelector('#funnel').innerText === '0 events became 0 loads'", "what the new service tells")
    world.deliver("orders", "EKKO")
    await badge(page, "orders", "waiting")
    foreign = [problem for problem in page.problems if "ERR_" not in problem]
    check(not foreign, f"more in the console than lost connections: {foreign}")


async def many_models(open_page, folder):
    names = [f"model-{number:04}" for number in range(1000)]
    world = World(folder, {name: "debounce: 1h, max_wait: 2h" for name in names})
    try:
        page = await open_page(world.admin)
        await page.size(1600, 900)
        await page.until("document.querySelectorAll('.card').length === 1000", "a thousand models", 60)
        drawn = await page.run("document.querySelectorAll('.card svg.timeline').length")
        check(0 < drawn < 60, f"{drawn} time lines are drawn where some are to be seen")
        check(not await page.run(OVERFLOW), "no horizontal scroll")
        # The last one, far below, changes.
        world.deliver("model-0999", "EKKO")
        await badge(page, "model-0999", "waiting")
        await page.run("document.querySelector('#filter').value = '0999', document.querySelector('#filter').dispatchEvent(new Event('input'))")
        await page.until(f"{card('model-0999')}.querySelector('.deadline')", "it is drawn when it comes into view")
        check(not page.problems, f"the console is not empty: {page.problems}")
    finally:
        world.end()


async def main():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        world = World(folder, {name: "debounce: 30m, max_wait: 40m" if name == "orders" else "debounce: 100ms" for name in ("orders", "billing")})
        try:
            async with browser() as open_page:
                page = await open_page(world.admin)
                await page.size(1600, 900)
                steps = [
                    ("loads and updates live", lambda: loads_and_lives(page, world)),
                    ("hold, release and flush act, and a refusal says why", lambda: buttons_act(page, world)),
                    ("failed jobs: hostile names, retry, discard after a question", lambda: failed_jobs(page, world)),
                    ("no horizontal scroll from 320 to 1600, dark and light", lambda: fits(page)),
                    ("everything by keyboard, with a focus to be seen", lambda: keyboard(page, world)),
                    ("landmarks, names and captions", lambda: reads_aloud(page)),
                    ("zoom, filter, and an empty console", lambda: zooms_and_filters(page, world)),
                    ("a model whose ids were changed, and the one that it was", lambda: changes_ids(page, world)),
                    ("comes back after the service was killed", lambda: comes_back(page, world)),
                    ("a thousand models", lambda: many_models(open_page, other)),
                ]
                for what, step in steps:
                    await step()
                    print(f"ok  {what}", flush=True)
        finally:
            world.end()


asyncio.run(main())
