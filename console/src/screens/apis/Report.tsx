import { Anchor, Checkbox, List, Text } from '@mantine/core';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import { usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { counted } from '../../parts/words';

interface ReportProps {
	report: Schemas['ApiReport'];
	/** It is what happened; else what would. */
	done: boolean;
	addPermissions: boolean;
	setAddPermissions: (add: boolean) => void;
}

/** What the server makes of a document. */
export function Report({ report, done, addPermissions, setAddPermissions }: ReportProps) {
	const { warnings, permissions_added } = report;
	// A check with "add" tells them as added, one without as unknown: both are scopes that are no permissions yet.
	const scopes = [...new Set([...report.unknown_scopes, ...permissions_added])];
	return (
		<Block testId="report" title={done ? 'What was imported' : 'What would be imported'}>
			<Text size="sm" data-testid="report-operations" role="status">
				{counted(report.api.operation_count, 'operation')}, {counted(warnings.length, 'warning')}.
			</Text>
			{warnings.length > 0 && (
				<List size="sm" data-testid="report-warnings">
					{warnings.map((warning) => (
						<List.Item key={warning}>{warning}</List.Item>
					))}
				</List>
			)}
			{done ? <Added added={permissions_added} left={report.unknown_scopes} /> : scopes.length > 0 && <Unknown scopes={scopes} add={addPermissions} setAdd={setAddPermissions} />}
		</Block>
	);
}

function Scopes({ scopes, linked }: { scopes: readonly string[]; linked: boolean }) {
	const partition = usePartition();
	return (
		<List size="sm">
			{scopes.map((scope) => (
				<List.Item key={scope} className="mono">
					{linked ? (
						<Anchor component={Link} size="sm" to={pathTo(partition, 'integration', 'permissions', scope)}>
							{scope}
						</Anchor>
					) : (
						scope
					)}
				</List.Item>
			))}
		</List>
	);
}

function Unknown({ scopes, add, setAdd }: { scopes: readonly string[]; add: boolean; setAdd: (add: boolean) => void }) {
	return (
		<div data-testid="report-unknown-scopes">
			<Text size="sm" fw={500}>
				{counted(scopes.length, 'scope')} of the document {scopes.length === 1 ? 'is no permission' : 'are no permissions'} of this partition yet:
			</Text>
			<Scopes scopes={scopes} linked={false} />
			<Checkbox
				mt="sm"
				label="Add them as permissions"
				description="Without it nobody can have them, and operations that need them stay closed."
				checked={add}
				onChange={(event) => setAdd(event.currentTarget.checked)}
				data-testid="add-permissions"
			/>
		</div>
	);
}

function Added({ added, left }: { added: readonly string[]; left: readonly string[] }) {
	return (
		<>
			{added.length > 0 && (
				<div data-testid="report-added">
					<Text size="sm" fw={500}>
						{counted(added.length, 'permission')} added:
					</Text>
					<Scopes scopes={added} linked />
				</div>
			)}
			{left.length > 0 && (
				<div data-testid="report-unknown-scopes">
					<Text size="sm" fw={500}>
						No permissions of this partition:
					</Text>
					<Scopes scopes={left} linked={false} />
				</div>
			)}
		</>
	);
}
