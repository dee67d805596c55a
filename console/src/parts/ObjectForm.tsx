// The form of an object: saves what was changed, shows each refusal at its field, warns before typed things are lost, and
// tells the second of two administrators what the first one did.
import { Alert, Button, Group, List, Modal, Paper, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useBlocker } from 'react-router';

import type { Held } from '../api/client';
import { useChanged, useMayManage } from '../api/hooks';
import { memberOf, problemOf, type FieldErrors, type Problem } from '../api/problem';
import { Conflict } from './Conflict';
import { useDraft, type Draft } from './draft';
import { Failed } from './states';

interface ObjectFormProps<T extends object, R extends T> {
	/** As it was read; for a new object the value to begin with, and etag null. */
	held: Held<T>;
	/** Reads it again, after somebody else changed it. Not for new objects. */
	read?: () => Promise<Held<T>>;
	/** changes: a merge patch; for a new object all of it. Returns what the server made of it. */
	save: (changes: Partial<T>, etag: string | null) => Promise<Held<R>>;
	/** After saving. For a new object: where to go. */
	saved?: (held: Held<R>) => void;
	/** The words for the members, where the server or a conflict names one; members without a word here have no field. */
	words: Readonly<Partial<Record<keyof T & string, string>>>;
	/** Sentences of one's own before the server is asked: a form with one is not sent. */
	check?: (value: T) => Readonly<Record<string, string | undefined>>;
	/** "Save". */
	verb?: string;
	cancel?: () => void;
	children: (draft: Draft<T>) => ReactNode;
}

export function ObjectForm<T extends object, R extends T = T>({ held, read, save, saved, words, check, verb = 'Save', cancel, children }: ObjectFormProps<T, R>) {
	const isNew = read === undefined;
	const control = useDraft(held);
	const { draft } = control;
	const changed = useChanged();
	const mayManage = useMayManage();
	const form = useRef<HTMLFormElement>(null);
	const leaving = useRef(false);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [refusals, setRefusals] = useState(0);
	const [theirs, setTheirs] = useState<Held<T> | null>(null);
	const blocker = useUnsaved(draft.dirty, leaving);

	// Once it is drawn: the first field that is wrong takes the focus, else what is said on top.
	useEffect(() => {
		if (refusals === 0) return;
		const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? form.current?.querySelector<HTMLElement>('[data-testid="problem"]');
		wrong?.focus();
	}, [refusals]);

	function refused(fields: FieldErrors, refusal: Problem | null) {
		control.refused(fields);
		setProblem(refusal);
		setRefusals((count) => count + 1);
	}

	async function send(changes: Partial<T>, etag: string | null) {
		setBusy(true);
		setProblem(null);
		try {
			const now = await save(changes, etag);
			leaving.current = true;
			control.rebase(now);
			notifications.show({ message: 'Saved', color: 'teal', autoClose: 2500 });
			saved?.(now);
			void changed();
		} catch (thrown) {
			const refusal = problemOf(thrown);
			if (refusal.status === 412 && read !== undefined) await read().then(setTheirs, (gone: unknown) => setProblem(problemOf(gone)));
			else refused(refusal.fields, refusal);
		} finally {
			leaving.current = false;
			setBusy(false);
		}
	}

	function submit() {
		if (busy || (!isNew && !draft.dirty)) return;
		const own = sentencesOf(check?.(draft.value) ?? {});
		if (Object.keys(own).length > 0) {
			refused(own, null);
			return;
		}
		void send(isNew ? draft.value : draft.changes, control.held.etag);
	}

	return (
		<form
			ref={form}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				submit();
			}}
		>
			<Stack gap="lg">
				{problem !== null && <Refusal problem={problem} words={words} />}
				<fieldset disabled={!mayManage} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
					{children(draft)}
				</fieldset>
				{mayManage && (
					<Paper withBorder p="sm" style={{ position: 'sticky', bottom: 0, zIndex: 2 }}>
						<Group justify="flex-end" gap="xs">
							{draft.dirty && !isNew && (
								<Text size="sm" c="dimmed" mr="auto" role="status" data-testid="unsaved">
									Unsaved changes
								</Text>
							)}
							{isNew ? (
								cancel !== undefined && (
									<Button variant="default" onClick={cancel}>
										Cancel
									</Button>
								)
							) : (
								<Button variant="default" disabled={!draft.dirty || busy} onClick={control.discard}>
									Discard
								</Button>
							)}
							<Button type="submit" loading={busy} disabled={!isNew && !draft.dirty} data-testid="save">
								{verb}
							</Button>
						</Group>
					</Paper>
				)}
			</Stack>
			<Leaving blocker={blocker} />
			<Conflict
				theirs={theirs?.value ?? null}
				base={draft.base}
				mine={draft.changes}
				words={words}
				close={() => setTheirs(null)}
				seeTheirs={() => {
					if (theirs !== null) control.rebase(theirs);
					setTheirs(null);
				}}
				overwrite={() => {
					if (theirs === null) return;
					const mine = draft.changes;
					control.rebase(theirs, mine);
					setTheirs(null);
					void send(mine, theirs.etag);
				}}
			/>
		</form>
	);
}

function sentencesOf(errors: Readonly<Record<string, string | undefined>>): FieldErrors {
	return Object.fromEntries(Object.entries(errors).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What has no field of its own is said on top. */
function Refusal({ problem, words }: { problem: Problem; words: Readonly<Record<string, string | undefined>> }) {
	const entries = Object.entries(problem.fields);
	if (entries.length === 0) return <Failed error={problem} />;
	return (
		<Alert color="red" variant="light" title={problem.title} role="alert" data-testid="problem" tabIndex={-1}>
			<List size="sm">
				{entries.map(([pointer, sentence]) => (
					<List.Item key={pointer}>
						{words[memberOf(pointer)] === undefined ? '' : `${words[memberOf(pointer)] ?? ''}: `}
						{sentence}
					</List.Item>
				))}
			</List>
		</Alert>
	);
}

/** Asks before what was typed is lost: on the console's own ways, and on the browser's. */
export function useUnsaved(dirty: boolean, leaving: { readonly current: boolean }) {
	const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !leaving.current && currentLocation.pathname !== nextLocation.pathname);
	useEffect(() => {
		if (!dirty) return undefined;
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		addEventListener('beforeunload', ask);
		return () => removeEventListener('beforeunload', ask);
	}, [dirty]);
	return blocker;
}

export function Leaving({ blocker }: { blocker: ReturnType<typeof useBlocker> }) {
	return (
		<Modal opened={blocker.state === 'blocked'} onClose={() => blocker.reset?.()} title="Unsaved changes">
			<Stack data-testid="leaving">
				<Text size="sm">What you changed here is not saved.</Text>
				<Group justify="flex-end">
					<Button variant="default" onClick={() => blocker.proceed?.()}>
						Leave without saving
					</Button>
					<Button onClick={() => blocker.reset?.()} data-autofocus>
						Stay
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}
