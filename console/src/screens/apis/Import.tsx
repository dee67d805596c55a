// Importing an OpenAPI document: the document, what its placeholders stand for, whom its security schemes stand for; then
// the server says what it would make of it, and only then it is done.
import { Alert, Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useChanged, usePartition } from '../../api/hooks';
import { Problem, problemOf } from '../../api/problem';
import { pathTo } from '../../layout/sections';
import { Leaving, useUnsaved } from '../../parts/ObjectForm';
import { Failed } from '../../parts/states';
import { counted, nameProblem } from '../../parts/words';
import { actorGuessed, placeholdersIn, schemesIn } from './document';
import { ActorsBlock, DocumentBlock, ValuesBlock } from './ImportFields';
import { Report } from './Report';

type Actor = Schemas['Actor'];

export interface Wish {
	readonly name: string;
	readonly openapi: string;
	/** Where it came from; null: it was pasted. */
	readonly file: string | null;
	readonly values: Readonly<Record<string, string>>;
	/** What the person said of a scheme; a scheme without an entry stands for whom its name tells. */
	readonly actors: Readonly<Record<string, Actor | ''>>;
}

interface Answer {
	readonly report: Schemas['ApiReport'];
	/** What it is about: with another wish it is out of date. */
	readonly wish: Wish;
	readonly done: boolean;
}

const address = '/partitions/{partition}/apis/{name}';
const nothing: Wish = { name: '', openapi: '', file: null, values: {}, actors: {} };

/** present: the API that is replaced; null: it is a new one. */
export function Import({ present, cancel }: { present: Held<Schemas['Api']> | null; cancel?: () => void }) {
	const partition = usePartition();
	const api = useApi();
	const changed = useChanged();
	const [wish, setWish] = useState<Wish>(present === null ? nothing : { ...nothing, name: present.value.name });
	const [addPermissions, setAddPermissions] = useState(true);
	const [answer, setAnswer] = useState<Answer | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState<'check' | 'import' | null>(null);
	const leaving = useRef(false);
	const form = useRef<HTMLFormElement>(null);
	const placeholders = useMemo(() => placeholdersIn(wish.openapi), [wish.openapi]);
	const schemes = useMemo(() => schemesIn(wish.openapi), [wish.openapi]);
	const named = [...new Set([...schemes, ...Object.keys(wish.actors)])];
	const checked = answer !== null && answer.wish === wish ? answer : null;
	const done = checked?.done === true;
	const blocker = useUnsaved(wish.openapi !== '' && !done, leaving);

	function change(part: Partial<Wish>) {
		setWish({ ...wish, ...part });
		setProblem(null);
	}

	// What the server said is seen, wherever the form is scrolled to.
	useEffect(() => {
		const said = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-testid="problem"], [data-testid="report"]');
		said?.focus({ preventScroll: true });
		said?.scrollIntoView({ block: 'center' });
	}, [answer, problem]);

	const actorOf = (scheme: string): Actor | '' => wish.actors[scheme] ?? actorGuessed(scheme) ?? '';

	async function send(dry: boolean) {
		if (busy !== null) return;
		const own = missing(wish, placeholders.filter(({ inServer }) => inServer).map(({ name }) => name));
		if (own !== null) { setProblem(own); return; }
		setBusy(dry ? 'check' : 'import');
		setProblem(null);
		const values = Object.fromEntries(placeholders.map(({ name }) => [name, wish.values[name] ?? '']));
		const actors = Object.fromEntries(named.flatMap((scheme) => (actorOf(scheme) === '' ? [] : [[scheme, actorOf(scheme) as Actor]])));
		const query = { dry_run: dry || undefined, add_permissions: addPermissions || undefined };
		try {
			const { value } = await api.put(address, { partition, name: wish.name.trim() }, present?.etag ?? null, { openapi: wish.openapi, values, actors }, query);
			setAnswer({ report: value, wish, done: !dry });
			if (dry) return;
			notifications.show({ message: `Imported: ${wish.name.trim()}`, color: 'teal', autoClose: 4000 });
			await changed();
		} catch (thrown) {
			setProblem(explained(problemOf(thrown), present === null));
		} finally {
			setBusy(null);
		}
	}

	if (done)
		return (
			<Stack gap="lg">
				<Done name={wish.name.trim()} count={checked.report.api.operation_count} />
				<Report report={checked.report} done addPermissions={addPermissions} setAddPermissions={setAddPermissions} />
			</Stack>
		);
	return (
		<form
			ref={form}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				void send(true);
			}}
			data-testid="import"
		>
			<Stack gap="lg">
				<DocumentBlock wish={wish} change={change} isNew={present === null} problem={problem} />
				{placeholders.length > 0 && <ValuesBlock placeholders={placeholders} wish={wish} change={change} problem={problem} />}
				{wish.openapi !== '' && <ActorsBlock schemes={named} found={schemes} actorOf={actorOf} wish={wish} change={change} problem={problem} />}
				{problem !== null && <Failed error={unplaced(problem)} />}
				{checked !== null && <Report report={checked.report} done={false} addPermissions={addPermissions} setAddPermissions={setAddPermissions} />}
				<Paper withBorder p="sm" style={{ position: 'sticky', bottom: 0, zIndex: 2 }}>
					<Group justify="flex-end" gap="xs">
						<Text size="sm" c="dimmed" mr="auto" w={{ base: '100%', xs: 'auto' }} role="status">
							{checked === null ? 'A check changes nothing.' : 'Nothing is changed yet.'}
						</Text>
						{cancel !== undefined && (
							<Button variant="default" onClick={cancel}>
								Cancel
							</Button>
						)}
						<Button type="submit" variant={checked === null ? 'filled' : 'default'} loading={busy === 'check'} disabled={wish.openapi === '' || busy !== null} data-testid="check">
							Check
						</Button>
						<Button loading={busy === 'import'} disabled={checked === null || busy !== null} onClick={() => void send(false)} data-testid="save">
							{present === null ? 'Import' : 'Replace'}
						</Button>
					</Group>
				</Paper>
			</Stack>
			<Leaving blocker={blocker} />
		</form>
	);
}

function Done({ name, count }: { name: string; count: number }) {
	const partition = usePartition();
	return (
		<Alert color="teal" variant="light" title={`${name} is imported`} role="status" data-testid="imported">
			<Anchor component={Link} size="sm" to={pathTo(partition, 'integration', 'apis', name)}>
				Browse its {counted(count, 'operation')}
			</Anchor>
		</Alert>
	);
}

/** What the server need not be asked about. */
function missing(wish: Wish, inServers: readonly string[]): Problem | null {
	const fields: Record<string, string> = {};
	const unnamed = nameProblem(wish.name.trim(), 'An API needs a name.');
	if (unnamed !== undefined) fields['/name'] = unnamed;
	for (const name of inServers) if ((wish.values[name] ?? '').trim() === '') fields[`/values/${name}`] = `\${${name}} is a part of a server's address: something has to stand for it.`;
	if (Object.keys(fields).length === 0) return null;
	return new Problem(422, 'Something is missing', 'Fill in the fields that are marked.', fields, null, null);
}

/** Without the sentences that stand at their fields. */
function unplaced(problem: Problem): Problem {
	const rest = Object.entries(problem.fields).filter(([pointer]) => !/^\/(name|openapi|values\/[^/]+|actors(\/[^/]+)?)$/.test(pointer));
	return new Problem(problem.status, problem.title, problem.detail, Object.fromEntries(rest), problem.requestId, problem.page);
}

/** A precondition that failed, in the words of this screen. */
function explained(problem: Problem, isNew: boolean): Problem {
	if (problem.status !== 412) return problem;
	const { requestId, page } = problem;
	if (isNew) return new Problem(412, 'The name is taken', 'There is an API of this name.', { '/name': 'There is an API of this name: choose another, or open that one and import it again.' }, requestId, page);
	return new Problem(412, 'Somebody else changed it meanwhile', 'Somebody imported this API again while you were here. Load this page again to see theirs before you replace it.', {}, requestId, page);
}
