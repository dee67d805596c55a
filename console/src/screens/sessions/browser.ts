// What a User-Agent header tells a person: the browser and the system. Whatever is not known stays as it came.
const browsers: readonly [RegExp, string][] = [
	[/\bEdgA?\/(\d+)/, 'Edge'],
	[/\bOPR\/(\d+)/, 'Opera'],
	[/\bFirefox\/(\d+)/, 'Firefox'],
	[/\b(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
	[/\bVersion\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
];
const systems: readonly [RegExp, string][] = [
	[/\b(?:iPhone|iPad)\b/, 'iOS'],
	[/\bAndroid\b/, 'Android'],
	[/\bWindows\b/, 'Windows'],
	[/\bMac OS X\b/, 'macOS'],
	[/\bCrOS\b/, 'ChromeOS'],
	[/\bLinux\b/, 'Linux'],
];

export function browserSaid(agent: string): string {
	if (agent === '') return 'an unknown browser';
	const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
	for (const [pattern, name] of browsers) {
		const version = pattern.exec(agent)?.[1];
		if (version !== undefined) return system === undefined ? `${name} ${version}` : `${name} ${version} on ${system}`;
	}
	return agent.length > 60 ? `${agent.slice(0, 60)}…` : agent;
}
