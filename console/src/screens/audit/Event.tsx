// One event: who, what, on whom, from where, with which result; what a change changed; and how a refused request can be mended.
import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';

import { useNamed, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo, withSearch } from '../../layout/sections';
import { Ago, timeExact } from '../../parts/Ago';
import { Block } from '../../parts/Block';
import { Code, CopyButton } from '../../parts/CopyField';
import { Icon } from '../../parts/icons';
import { Page } from '../../parts/Page';
import { ReadPage } from '../../parts/ReadPage';
import { Stamp } from '../../parts/Stamp';
import { Difference, Values } from './Difference';
import { Who, Whom } from './People';
import { placeToChange } from './places';
import { actionSaid, resultSaid, toldBy, type AuditEvent, type Carried, type Told } from './words';

export function EventPage() {
	const partition = usePartition();
	const id = useNamed('id');
	const given = (useLocation().state as Carried | null)?.event;
	const read = useRead('/partitions/{partition}/audit-events/{id}', { partition, id }, undefined, { enabled: given?.id !== id });
	useCrumb(`Event ${id}`);
	if (given?.id === id) return <Shown event={given} />;
	return (
		<ReadPage title="Event" of={read}>
			{({ value }) => <Shown event={value} />}
		</ReadPage>
	);
}

function Shown({ event }: { event: AuditEvent }) {
	const here = usePartition();
	const partition = event.partition ?? here;
	const back = (useLocation().state as Carried | null)?.back;
	const told = toldBy(event.detail);
	const refused = event.result !== 'ok' && (told.sentence !== null || told.change !== null || told.arrived.length > 0);
	return (
		<Page title={actionSaid(event.action)} about={told.sentence !== null && !refused ? told.sentence : undefined} actions={back === undefined ? undefined : <Back to={back} />}>
			<Stack gap="lg">
				{refused && <Refused event={event} told={told} partition={partition} />}
				<Facts event={event} told={told} partition={partition} />
				{told.changes.length > 0 && (
					<Block title={event.action.endsWith('.added') ? 'What it began with' : event.action.endsWith('.deleted') || event.action.endsWith('.ended') ? 'What it was' : 'What changed'}>
						<Difference changes={told.changes} />
					</Block>
				)}
				{told.others.length > 0 && (
					<Block title="More">
						<Values label="More" values={told.others} />
					</Block>
				)}
				<Raw event={event} />
			</Stack>
		</Page>
	);
}

function Back({ to }: { to: string }) {
	return (
		<Button component={Link} to={to} variant="default" leftSection={<Icon name="back" size={16} />} data-testid="back-to-all">
			Events of all partitions
		</Button>
	);
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
	return (
		<div className="fact">
			<Text size="sm" c="dimmed" component="dt">
				{label}
			</Text>
			<Text size="sm" component="dd" m={0}>
				{children}
			</Text>
		</div>
	);
}

function Facts({ event, told, partition }: { event: AuditEvent; told: Told; partition: string }) {
	const sameRequest = withSearch(pathTo(partition, 'security', 'audit'), { request_id: event.request_id ?? '' });
	return (
		<Block title="What happened">
			<dl style={{ margin: 0 }} data-testid="facts">
				<Fact label="When">
					{timeExact(event.at)} (<Ago at={event.at} />)
				</Fact>
				<Fact label="Who">
					<Who event={event} told={told} />
				</Fact>
				<Fact label="On whom or what">
					<Whom event={event} told={told} partition={partition} />
				</Fact>
				<Fact label="From where">
					<span className="mono">{event.address ?? '—'}</span>
				</Fact>
				<Fact label="Result">
					<Group gap="sm">
						<Stamp tone={event.result === 'ok' ? 'good' : 'bad'} testId="result">
							{resultSaid(event.result)}
						</Stamp>
						{event.result !== 'ok' && (
							<Anchor size="sm" href={`/errors/${encodeURIComponent(event.result)}`} target="_blank" rel="noreferrer">
								What this means
							</Anchor>
						)}
					</Group>
				</Fact>
				<Fact label="Partition">{event.partition ?? '—'}</Fact>
				<Fact label="Request">
					{event.request_id === null ? (
						'—'
					) : (
						<Group gap={4} wrap="nowrap">
							<Anchor component={Link} to={sameRequest} size="sm" className="mono" style={{ minWidth: 0 }}>
								{event.request_id}
							</Anchor>
							<CopyButton value={event.request_id} label="request id" />
						</Group>
					)}
				</Fact>
			</dl>
		</Block>
	);
}

function Refused({ event, told, partition }: { event: AuditEvent; told: Told; partition: string }) {
	const place = placeToChange(partition, event, told);
	const nearest = told.registered.find(([name]) => name === 'nearest')?.[1];
	return (
		<Block title="Why it was refused" about={told.sentence ?? undefined}>
			<Stack gap="md" data-testid="refused">
				{told.arrived.length > 0 && (
					<section aria-label="What arrived">
						<Text fw={600} size="sm" component="h3" m={0}>
							What arrived
						</Text>
						<Values label="What arrived" values={told.arrived} beside={typeof nearest === 'string' ? nearest : undefined} />
					</section>
				)}
				{told.registered.length > 0 && (
					<section aria-label="What is registered">
						<Text fw={600} size="sm" component="h3" m={0}>
							What was registered
						</Text>
						<Values label="What was registered" values={told.registered} {...(typeof nearest === 'string' ? { nearestTo: arrivedOf(told) } : {})} />
					</section>
				)}
				{(told.change !== null || place !== null) && (
					<Alert color="teal" variant="light" title="What to change" data-testid="what-to-change">
						<Stack gap="xs" align="flex-start">
							{told.change !== null && <Text size="sm">{told.change}</Text>}
							{place !== null && (
								<Button component={Link} to={place.to} size="xs" variant="default" data-testid="place-to-change">
									{place.label}
								</Button>
							)}
						</Stack>
					</Alert>
				)}
			</Stack>
		</Block>
	);
}

/** What the nearest registered one is to be compared with. */
function arrivedOf(told: Told): string | undefined {
	const value = told.arrived.find(([name]) => name === 'redirect_uri' || name === 'scope')?.[1];
	return typeof value === 'string' ? value : undefined;
}

function Raw({ event }: { event: AuditEvent }) {
	return (
		<details>
			<summary>As JSON</summary>
			<div style={{ marginTop: 8 }}>
				<Code label="Event as JSON" wrap>
					{JSON.stringify(event, null, 2)}
				</Code>
			</div>
		</details>
	);
}
