"""Takes the README's pictures of the dashboard: of `reloader demo`, and of some minutes with more models and some trouble."""
import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile

from browser import browser
from service import BUILD, TABLES, Program, World

FOLDER = "docs/images"
ZOOM = "document.querySelector('#zoom input[value=\"5\"]').click()"
OPEN = "[...document.querySelectorAll('.card h3 button')].find((one) => one.innerText === '%s' && one.ariaExpanded === 'false')?.click()"


async def take(page, name, theme, width):
    await page.theme(theme)
    await page.size(width, 800)
    height = await page.run("document.querySelector('footer').getBoundingClientRect().bottom + scrollY")
    await page.size(width, min(int(height) + 1, 1500))
    path = f"{FOLDER}/{name}.png"
    await page.picture(path)
    subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", path, "64", path], check=False)
    subprocess.run(["optipng", "-quiet", path], check=True)
    print(path, os.path.getsize(path))


async def of_the_demo(open_page):
    demo = Program([f"{BUILD}/reloader", "demo", "--stay"], r"health   curl")
    try:
        page = await open_page(re.search(r"http://[0-9.:]+", demo.line)[0])
        await page.size(1200, 800)
        await page.until("document.querySelectorAll('.card').length === 1", "the demo's model")
        await page.run(ZOOM)
        await page.until("document.querySelectorAll('.bar.succeeded').length > 3", "its loads")
        await take(page, "dashboard-demo", "light", 1200)
    finally:
        demo.end()


async def of_some_trouble(open_page, folder, minutes):
    names = ["accounts-payable", "inventory", "order-to-cash", "production", "purchase-to-pay", "returns"]
    world = World(folder, {name: f"debounce: {seconds}s, max_wait: 90s" for name, seconds in zip(names, [6, 15, 9, 12, 4, 20])}, {
        "order-to-cash": {"load_seconds": 14}, "production": {"load_seconds": 60},
        "inventory": {"load_seconds": 8, "outcomes": [{"status": "SUCCESS"}, {"status": "WARNING", "message": "3 rows were skipped"}]},
        "purchase-to-pay": {"load_seconds": 5, "outcomes": [{"status": "SUCCESS"}, {"status": "CANCELED", "message": "canceled by a person"}]},
        "accounts-payable": {"load_seconds": 5}}, sources=("fivetran", "dbt"))
    chance = random.Random(11)
    try:
        page = await open_page(world.admin)
        await page.size(1200, 800)
        await page.until("document.querySelectorAll('.card').length === 6", "six models")
        await page.run(ZOOM)
        end = asyncio.get_running_loop().time() + minutes * 60
        turn = 0
        while asyncio.get_running_loop().time() < end or not await page.run("document.querySelector('.bar.running') && document.querySelector('.deadline-text') && true"):
            turn += 1
            name = chance.choice(names[:5])
            for _ in range(chance.choice([1, 2, 5])):
                world.deliver(name, *chance.sample(TABLES, chance.choice([1, 2, 3])), source=chance.choice(["fivetran", "dbt"]))
            if turn == 6:
                world.deliver("order-to-cash", "EKPX")
            if turn == 18:
                world.post("/api/v1/models/accounts-payable/hold")
            if turn % 7 == 0:
                world.deliver("order-to-cash", "EKKO", token="somebody")
            await asyncio.sleep(chance.choice([2, 4, 9]))
            await page.run(OPEN % "order-to-cash")
        await take(page, "dashboard-dark", "dark", 1200)
        await take(page, "dashboard-light", "light", 1200)
        await take(page, "dashboard-narrow", "dark", 400)
    finally:
        world.end()


async def main():
    os.makedirs(FOLDER, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with browser() as open_page:
            await of_the_demo(open_page)
            await of_some_trouble(open_page, folder, float(sys.argv[1]) if len(sys.argv) > 1 else 4.5)


asyncio.run(main())
