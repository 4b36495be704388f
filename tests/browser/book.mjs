// The book, built, in a headless Chromium: what the tests of its pages share.
//
// `tests/run` builds the book and installs what this needs. By hand:
// `cargo run -p book`, then `node --test tests/browser/`.
//
//     BOOK=FOLDER        the built book (target/book)
//     TIER=all           every size and theme (else a phone and a desktop,
//                        one light and one dark theme)
//     PAGES=lesson08     only the pages whose name contains this
//     SCREENSHOTS=FOLDER keeps a picture of every page, as long as it is
//     CHROMIUM=PROGRAM   the browser

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const tools = createRequire(path.join(target, 'tools', 'package.json'));
const { chromium } = tools('playwright-core');
const axe = tools('axe-core');

export const BOOK = path.resolve(process.env.BOOK ?? `${target}/book`);
export const ALL = process.env.TIER === 'all';
const PAGES = process.env.PAGES ?? '';

const PHONE = { name: 'phone', width: 390, height: 844, isMobile: true };
const DESKTOP = { name: 'desktop', width: 1280, height: 900 };
const TABLET = { name: 'tablet', width: 820, height: 1180 };
const WIDE = { name: 'wide screen', width: 1920, height: 1080 };
export const SIZES = { PHONE, DESKTOP, TABLET, WIDE };

// Pages on paper, without scripts and for a lost reader have their own tests.
const APART = ['print.html', 'toc.html', '404.html'];

/** The names of the pages, in order. */
export const pages = readdirSync(BOOK)
    .filter(name => name.endsWith('.html') && !APART.includes(name))
    .filter(name => name.includes(PAGES))
    .sort();

export const address = name => pathToFileURL(path.join(BOOK, name)).href;

const browser = await chromium.launch({
    // Playwright looks up Google's browser by this name.
    channel: process.env.CHROMIUM ? undefined : 'chrome',
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
        '--disable-quic', '--disable-background-networking'],
});
after(() => browser.close());

/** A window of this size. `page.messages` collects what goes wrong in it. */
export async function open({
    width, height, isMobile = false, javaScriptEnabled = true,
}) {
    const page = await browser.newPage({
        javaScriptEnabled,
        viewport: { width, height },
        deviceScaleFactor: isMobile ? 2 : 1,
        isMobile,
        hasTouch: isMobile,
    });
    page.messages = [];
    page.on('pageerror', error => page.messages.push(String(error)));
    page.on('console', message => {
        if (message.type() === 'error') {
            page.messages.push(message.text());
        }
    });
    return page;
}

/** Chooses a theme, as a reader does in the menu. */
export async function choose(page, theme) {
    await page.evaluate(theme => {
        document.getElementById(`mdbook-theme-${theme}`).click();
    }, theme);
    await page.waitForFunction(
        theme => document.documentElement.classList.contains(theme), theme);
}

/**
 * The violations that axe finds. The contrast takes longer than all other
 * rules together, and is the only one that depends on the theme.
 */
export async function violations(page, rules = 'all') {
    const contrast = ['color-contrast'];
    const options = {
        all: {},
        contrast: { runOnly: contrast },
        'all but contrast': { rules: { [contrast]: { enabled: false } } },
    }[rules];
    await page.evaluate(`window.axe ?? (() => { ${axe.source} })()`);
    return page.evaluate(async options => {
        const found = await axe.run({ preload: false, ...options });
        return found.violations.flatMap(rule => rule.nodes.map(
            node => `${rule.id}: ${node.target}: ${node.failureSummary}`));
    }, options);
}
