// All events that fit the filters, as JSON lines, page by page into one file.
import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import { addressOf, type Api } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { counted } from '../../parts/words';
import { Failed } from '../../parts/states';

const PAGE = 200;
const TYPE = 'application/jsonl';

/** The cursor in Link: <…?cursor=X>; rel="next" (RFC 8288). */
function nextCursor(link: string | null): string | null {
	const address = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
	return address === undefined ? null : new URLSearchParams(address.split('?')[1] ?? '').get('cursor');
}

interface Wish {
	path: string;
	names: object;
	filters: object;
	/** How many lines there are so far. */
	went: (lines: number) => void;
	signal: AbortSignal;
}

async function exportLines(api: Api, { path, names, filters, went, signal }: Wish): Promise<Blob> {
	const parts: string[] = [];
	let lines = 0;
	let cursor: string | null = null;
	do {
		const reply: Response = await api.raw(addressOf(path, names, { ...filters, cursor, limit: PAGE }), TYPE, signal);
		const text = await reply.text();
		parts.push(text);
		lines += text.split('\n').length - 1;
		cursor = nextCursor(reply.headers.get('Link'));
		went(lines);
	} while (cursor !== null);
	return new Blob(parts, { type: TYPE });
}

function save(blob: Blob, name: string): void {
	const address = URL.createObjectURL(blob);
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function Export({ all, filters }: { all: boolean; filters: object }) {
	const api = useApi();
	const partition = usePartition();
	const [lines, setLines] = useState<number | null>(null);
	const [error, setError] = useState<unknown>(null);
	const stopper = useRef<AbortController | null>(null);
	useEffect(() => () => stopper.current?.abort(), []);

	async function run() {
		const stop = new AbortController();
		stopper.current = stop;
		setError(null);
		setLines(0);
		const day = new Date().toISOString().slice(0, 10);
		const path = all ? '/audit-events' : '/partitions/{partition}/audit-events';
		try {
			const blob = await exportLines(api, { path, names: { partition }, filters, went: setLines, signal: stop.signal });
			save(blob, `audit-${all ? 'all' : partition}-${day}.jsonl`);
			setLines(null);
		} catch (thrown) {
			if (!stop.signal.aborted) setError(thrown);
		}
	}

	function close() {
		stopper.current?.abort();
		setLines(null);
	}

	return (
		<>
			<Button variant="default" onClick={() => void run()} data-testid="export">
				Export as JSON lines
			</Button>
			<Modal opened={lines !== null} onClose={close} title="Export" closeOnClickOutside={false}>
				<Stack>
					{error === null ? (
						<>
							<Text size="sm" role="status">
								{counted(lines ?? 0, 'event')} so far.
							</Text>
							<Progress value={100} animated aria-label="Reading" />
						</>
					) : (
						<Failed error={error} retry={() => void run()} />
					)}
					<Group justify="flex-end">
						<Button variant="default" onClick={close}>
							{error === null ? 'Stop' : 'Close'}
						</Button>
					</Group>
				</Stack>
			</Modal>
		</>
	);
}
