// Computes a farm from the figures on the page.
'use strict';

(function sizing() {
    const form = document.getElementById('sizing');
    const of = name => document.getElementById(`sizing-${name}`);

    // The tables of the transcript: for each heading, the figures of its rows.
    const read = text => {
        const tables = {};
        let table = {};
        for (const line of text.split('\n')) {
            if (line.endsWith(':')) {
                table = tables[line.slice(0, -1)] = {};
            }
            const [name, ...cells] = line.split(/ {2,}/);
            const number = cell => parseFloat(cell.replaceAll(',', ''));
            table[name] = cells.map(number);
        }
        return {
            one: tables['Tasks a second with one worker'],
            four: tables['Tasks a second with four workers'],
            put: tables['Tasks put a second, by one master'],
            bytes: tables['Bytes a task, on the disk of each node'],
        };
    };

    const codes = [...document.querySelectorAll('main pre code')];
    const isTranscript = code => code.textContent.includes('--bench lesson14_engine\n');
    const figures = read(codes.find(isTranscript).textContent);

    const compute = ({ workers, seconds, bytes, place, batch }) => {
        const row = `${place}, ${batch}`;
        const turn = 1 / figures.one[row][0];
        const wanted = workers / (seconds + turn);
        const can = 1 / (1 / figures.put[place][0] + 1 / figures.four[row][0]);
        const jobs = Math.ceil(wanted / can);
        const nodes = place === 'three replicas' ? 3 : 1;
        const stored = Math.max(0, ...figures.bytes[place] ?? []) + bytes;
        return {
            wanted,
            busy: seconds / (seconds + turn),
            can,
            jobs,
            servers: jobs * nodes,
            disk: place === 'in the master' ? 0 : wanted / jobs * 3600 * stored,
            network: wanted / jobs * bytes * (1 + nodes),
        };
    };

    // Two digits are as many as such figures have.
    const about = number => {
        const two = Number(number.toPrecision(2));
        return two.toLocaleString('en', { maximumFractionDigits: 6 });
    };

    const rows = farm => {
        const it = compute(farm);
        const side = it.jobs > 1 ? ', several side by side were not tried' : '';
        const guess = farm.workers > 4 ? 'extrapolated from' : 'computed from';
        const here = farm.place === 'in the master';
        return [
            ['The workers ask for', `${about(it.wanted)} tasks a second`,
                `${guess} one worker, measured`],
            ['Of its time a worker works', `${(it.busy * 100).toPrecision(3)} %`,
                'computed from one worker, measured'],
            ['One job can do', `${about(it.can)} tasks a second`,
                'computed from four workers and one master, measured'],
            [here ? 'Masters' : 'Servers', it.servers.toLocaleString('en'),
                `extrapolated${side}`],
            ['Disk, on each', here ? 'none' : `${about(it.disk / 1e9)} GB an hour`,
                here ? 'all is in memory' : 'extrapolated from small tasks'],
            ['Network, at each leader', `${about(it.network / 1e6)} MB a second`,
                'computed, not measured'],
        ];
    };

    const show = () => {
        if (!form.checkValidity()) {
            return;
        }
        const number = name => Number(of(name).value);
        const farm = {
            workers: number('workers'),
            seconds: number('seconds'),
            bytes: number('bytes'),
            place: of('place').value,
            batch: of('batch').value,
        };
        const cell = text => {
            const cell = document.createElement('td');
            cell.textContent = text;
            return cell;
        };
        form.querySelector('tbody').replaceChildren(...rows(farm).map(cells => {
            const row = document.createElement('tr');
            row.append(...cells.map(cell));
            return row;
        }));
    };

    // The table for readers without scripts, which says the same.
    const fixed = workers => {
        const farm = { workers, seconds: 1, bytes: 1000, batch: 'one at a time' };
        const at = (place, batch) => {
            return compute({ ...farm, place, batch: batch ?? farm.batch });
        };
        const three = at('three replicas', 'batches of 100');
        return [
            workers.toLocaleString('en'),
            about(three.wanted),
            at('in the master').servers,
            at('one node').servers,
            at('three replicas').servers,
            three.servers,
            about(three.disk * three.servers / 1e9),
        ].join(' | ');
    };
    for (const row of document.querySelectorAll('main tr')) {
        const cells = [...row.cells].map(cell => cell.textContent);
        const workers = Number(cells[0].replaceAll(',', ''));
        if (cells.length === 7 && workers && cells.join(' | ') !== fixed(workers)) {
            console.error(`not ${cells.join(' | ')}: ${fixed(workers)}`);
        }
    }

    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('input', show);
    form.hidden = false;
    show();
})();
