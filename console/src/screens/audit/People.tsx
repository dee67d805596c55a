// Who did it, and on whom or what: names where the event says which kind of id it is.
import { Anchor, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';

import { AnyName, ApplicationName, PersonName } from '../../parts/names';
import { placeOfObject } from './places';
import { kinds, type AuditEvent, type Told } from './words';

const ofApplications = /^(?:token\.(?:refused|revoked)|authorization\.|sign_in\.|consent\.refused|account\.refused|logout\.)/;
const onApplications = /^(?:person\.signed_in|token\.exchanged|consent\.)/;

function Id({ children }: { children: string }) {
	return (
		<Text span size="sm" className="mono">
			{children}
		</Text>
	);
}

export function Who({ event, told, plain = false }: { event: AuditEvent; told: Told; plain?: boolean }) {
	const { actor } = event;
	if (actor === null || actor === '') return <Text span size="sm" c="dimmed">{plain ? '—' : 'not known'}</Text>;
	if (plain) return <Id>{actor}</Id>;
	if (told.by === 'client' || ofApplications.test(event.action)) return <ApplicationName id={actor} />;
	if (told.by === 'user') return <PersonName realm="user" id={actor} />;
	return <AnyName id={actor} />;
}

export function Whom({ event, told, partition }: { event: AuditEvent; told: Told; partition: string }) {
	const here = useParams().partition;
	if (event.object === null || event.object === '') return <Text span size="sm" c="dimmed">—</Text>;
	const to = placeOfObject(partition, event, told);
	const name = told.name ?? event.object;
	const kind = told.kind === null ? undefined : kinds[told.kind];
	if (to !== null)
		return (
			<>
				{kind !== undefined && `${kind} `}
				<Anchor component={Link} to={to} size="sm" title={event.object} underline={kind === undefined ? 'hover' : 'always'}>
					{name}
				</Anchor>
			</>
		);
	if (onApplications.test(event.action) && event.object !== 'account' && partition === here) return <ApplicationName id={event.object} />;
	return <Id>{name}</Id>;
}
