// A reader steps through the schedules of a part, with the mouse, with the
// keys, on a phone, and without scripts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import {
    address, ALL, choose, open, SIZES, violations,
} from './book.mjs';

const { PHONE, DESKTOP } = SIZES;
const RACE = '.schedule[data-part=race]';
const LOSES_EIGHT = [1, 2, 2, 1, 1, 1, 2, 2];
const COMMAND = 'cargo run -p lesson08_lock -- race';

const said = (page, part = RACE) => page.innerText(`${part} .said`);
const button = (page, part, n) =>
    page.locator(`${part} .threads button`).nth(n - 1);

/** Everything that the reader sees of the steps, the end and the command. */
async function seen(page) {
    const steps = await page.locator(`${RACE} .log li`).allInnerTexts();
    const command = await page.innerText(`${RACE} pre > code`);
    const goal = await page.innerText(`${RACE} .goals li >> nth=0`);
    return { steps, command, goal };
}

async function assertFound(page) {
    const { steps, command, goal } = await seen(page);
    assert.equal(steps.length, 8);
    assert.equal(steps[3], 't1: balance.store(x1, Relaxed);  // balance = 5');
    assert.match(await said(page), /The balance is -8, not 0\.$/);
    assert.match(goal, /Reached in 8 steps; none is shorter\.$/);
    const order = LOSES_EIGHT.join(',');
    assert.equal(command, `$ ${COMMAND} --schedule ${order}`);
}

for (const size of [DESKTOP, PHONE]) {
    test(`a bad schedule is found by clicks on a ${size.name}`, async () => {
        const page = await open(size);
        await page.goto(address('lesson08_lock.html'));
        for (const thread of LOSES_EIGHT) {
            await button(page, RACE, thread).click();
        }
        await assertFound(page);
        for (const theme of ALL ? ['light', 'navy', 'rust', 'coal', 'ayu']
            : ['light', 'navy']) {
            await choose(page, theme);
            assert.deepEqual(await violations(page), []);
        }
        const wide = await page.evaluate(() =>
            document.querySelector('main').scrollWidth > innerWidth);
        assert.equal(wide, false);
        assert.deepEqual(page.messages, []);
        await page.close();
    });
}

test('a bad schedule is found by keys, and its command is copied', async () => {
    const page = await open(DESKTOP);
    await page.goto(address('lesson08_lock.html'));
    await button(page, RACE, 1).focus();
    await page.keyboard.press('2');
    await page.keyboard.press('u');
    for (const thread of LOSES_EIGHT) {
        await page.keyboard.press(`${thread}`);
    }
    await assertFound(page);
    // Beyond the end nothing happens, and the reader is told why.
    await page.keyboard.press('1');
    assert.equal(await said(page), 't1 has finished.');
    await page.press(`${RACE} [aria-label="Copy the command"]`, 'Enter');
    await page.waitForSelector(`${RACE} .clip-button.tooltipped`);
    await page.evaluate(() => {
        document.body.append(document.createElement('textarea'));
    });
    const area = page.locator('body > textarea').last();
    await area.press('ControlOrMeta+v');
    const copied = await area.inputValue();
    assert.equal(copied, `${COMMAND} --schedule ${LOSES_EIGHT.join(',')}`);

    const { steps } = await seen(page);
    const words = copied.replace('run', 'run --quiet').split(' ').slice(1);
    const printed = execFileSync('cargo', words, { encoding: 'utf8' })
        .split('\n');
    assert.deepEqual(printed.slice(1, 9), steps);
    assert.equal(printed[9], 'The balance is -8, not 0.');
    assert.deepEqual(page.messages, []);
    await page.close();
});

test('a thread that waits says for what', async () => {
    const page = await open(PHONE);
    const part = '.schedule[data-part=deadlock]';
    await page.goto(address('lesson08_lock.html'));
    await button(page, part, 1).click();
    await button(page, part, 2).press('Enter');
    const waits = 't1 waits for B, which t2 holds';
    assert.equal(await button(page, part, 1).innerText(), waits);
    assert.match(await said(page, part), /t2 waits for A.*forever\.$/);
    // It may be pressed, and answers, but takes no step.
    await button(page, part, 1).click({ force: true });
    assert.equal(await said(page, part), `${waits}.`);
    assert.equal(await page.locator(`${part} .log li`).count(), 2);
    assert.match(await page.innerText(`${part} .goals`), /Reached in 2 steps/);
    await page.click(`${part} .controls >> text=Undo`);
    await page.click(`${part} .controls >> text=Start again`);
    assert.equal(await page.locator(`${part} .log li`).count(), 0);
    await page.close();
});

test('without scripts the page shows a bad schedule', async () => {
    const page = await open({ ...DESKTOP, javaScriptEnabled: false });
    await page.goto(address('lesson08_lock.html'));
    assert.equal(await page.locator(`${RACE} tbody tr`).count(), 9);
    assert.ok(await page.isVisible(`${RACE} table`));
    assert.match(await page.innerText(`${RACE} table`), /balance is -8/);
    const command = await page.innerText(`${RACE} pre > code`);
    assert.match(command, /race --schedule [12](,[12]){7}$/);
    await page.close();
});
