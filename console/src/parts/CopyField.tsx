// Something to take away: shown in full, copied by a button that says that it did.
import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { useEffect, useRef, useState, type RefObject } from 'react';

import { Icon } from './icons';

/** Without a clipboard (no permission, plain http) the text is selected, to be copied by hand. */
async function copy(value: string, shown: HTMLElement | null): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(value);
		return true;
	} catch {
		if (shown !== null) getSelection()?.selectAllChildren(shown);
		return false;
	}
}

function useCopied(): [boolean, () => void] {
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return undefined;
		const timer = setTimeout(() => setCopied(false), 2000);
		return () => clearTimeout(timer);
	}, [copied]);
	return [copied, () => setCopied(true)];
}

/** A small button; label names what is copied ("Client ID"). shown: where it stands, to be selected where nothing can be copied. */
export function CopyButton({ value, label, shown }: { value: string; label: string; shown?: RefObject<HTMLElement | null> }) {
	const [copied, done] = useCopied();
	return (
		<Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
			<ActionIcon variant="subtle" color={copied ? 'teal' : 'gray'} aria-label={`Copy ${label}`} onClick={() => void copy(value, shown?.current ?? null).then((ok) => ok && done())}>
				<Icon name={copied ? 'check' : 'copy'} />
				<span role="status" className="mantine-visually-hidden">
					{copied ? 'Copied' : ''}
				</span>
			</ActionIcon>
		</Tooltip>
	);
}

/** A labelled value with its button. testId is on the value. */
export function CopyField({ label, value, testId, hint }: { label: string; value: string; testId?: string; hint?: string }) {
	const shown = useRef<HTMLDivElement>(null);
	return (
		<div>
			<Text size="sm" fw={600} component="div">
				{label}
			</Text>
			{hint !== undefined && (
				<Text size="xs" c="dimmed">
					{hint}
				</Text>
			)}
			<Group gap={4} wrap="nowrap" align="center">
				<Text className="mono" size="sm" component="div" ref={shown} data-testid={testId} style={{ minWidth: 0 }}>
					{value}
				</Text>
				<CopyButton value={value} label={label} shown={shown} />
			</Group>
		</div>
	);
}

/** Some lines of a program, to be copied as a whole. */
export function Code({ children, label, wrap = false, testId }: { children: string; label: string; wrap?: boolean; testId?: string }) {
	const [copied, done] = useCopied();
	const shown = useRef<HTMLPreElement>(null);
	return (
		<div style={{ position: 'relative' }}>
			<pre className={wrap ? 'code wrap' : 'code'} ref={shown} data-testid={testId} tabIndex={0} aria-label={label} role="region">
				{children}
			</pre>
			<Button
				size="compact-xs"
				variant="default"
				aria-label={`Copy ${label}`}
				style={{ position: 'absolute', top: 6, right: 6 }}
				onClick={() => void copy(children, shown.current).then((ok) => ok && done())}
			>
				{copied ? 'Copied' : 'Copy'}
			</Button>
		</div>
	);
}
