// A list of lines, each with the sentence about it while it is typed.
import { ActionIcon, Button, Group, Input, TextInput, Tooltip } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';

import { Icon } from './icons';

interface ListFieldProps {
	label: string;
	description?: ReactNode;
	/** "redirect URL": "Add redirect URL". */
	one: string;
	value: readonly string[];
	onChange: (value: readonly string[]) => void;
	id: string;
	testId: string;
	/** About the list, and about each line. */
	error?: string | undefined;
	errors?: readonly (string | undefined)[];
	/** What is wrong with a line, or null. Said once something stands in it. */
	check?: (line: string) => string | null;
	placeholder?: string;
	required?: boolean;
	/** There is always one line to type into. */
	atLeastOne?: boolean;
	max?: number;
}

export function ListField({ label, description, one, value, onChange, id, testId, error, errors = [], check, placeholder, required = false, atLeastOne = false, max = 64 }: ListFieldProps) {
	const lines = value.length === 0 && atLeastOne ? [''] : value;
	const box = useRef<HTMLDivElement>(null);
	const [added, setAdded] = useState(0);
	useEffect(() => {
		if (added > 0) box.current?.querySelector<HTMLInputElement>('[data-line]:last-of-type input')?.focus();
	}, [added]);

	return (
		<Input.Wrapper label={label} description={description} error={error} required={required} labelElement="div" role="group" aria-label={label} id={id}>
			<div className="lines" ref={box} data-testid={testId} style={{ marginTop: 4 }}>
				{lines.map((line, index) => {
					const wrong = errors[index] ?? (line === '' ? undefined : (check?.(line) ?? undefined));
					return (
						<Group key={index} gap="xs" wrap="nowrap" align="flex-start" data-line>
							<TextInput
								style={{ flex: 1, minWidth: 0 }}
								aria-label={`${label} ${index + 1}`}
								value={line}
								placeholder={placeholder}
								error={wrong}
								spellCheck={false}
								autoCapitalize="off"
								autoComplete="off"
								data-testid={`${testId}-${index}`}
								onChange={(event) => onChange(lines.map((before, at) => (at === index ? event.currentTarget.value : before)))}
							/>
							{(lines.length > 1 || !atLeastOne) && (
								<Tooltip label={`Remove ${one}`}>
									<ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove ${one} ${index + 1}`} onClick={() => onChange(lines.filter((_, at) => at !== index))}>
										<Icon name="cross" />
									</ActionIcon>
								</Tooltip>
							)}
						</Group>
					);
				})}
				{lines.length < max && (
					<div>
						<Button
							size="compact-sm"
							variant="subtle"
							leftSection={<Icon name="add" size={14} />}
							onClick={() => {
								onChange([...lines, '']);
								setAdded(added + 1);
							}}
							data-testid={`${testId}-add`}
						>
							Add {one}
						</Button>
					</div>
				)}
			</div>
		</Input.Wrapper>
	);
}

/** Without the lines in which nothing stands. */
export function linesFilled(lines: readonly string[]): readonly string[] {
	return lines.map((line) => line.trim()).filter((line) => line !== '');
}
