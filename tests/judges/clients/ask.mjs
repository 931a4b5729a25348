// Asks a running gateway everything that a client usually does; prints what it was told as JSON.
//   node ask.mjs BASE-URL BEARER-TOKEN PATIENT-ID CONSENT-AS-JSON
import { Client } from 'fhir-kit-client';

const [baseUrl, bearerToken, patient, consent] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken });

const statement = await client.capabilityStatement();
const smart = await client.smartAuthMetadata();
let page = await client.search({ resourceType: 'Goal', searchParams: { patient, _count: 1 } });
const total = page.total;
const goals = [];
while (page) {
  goals.push(...(page.entry ?? []).map((one) => one.resource.id));
  page = await client.nextPage({ bundle: page });
}
const read = await client.read({ resourceType: 'Goal', id: goals[0] });
const vread = await client.vread({ resourceType: 'Goal', id: goals[0], version: '1' });
const history = await client.resourceHistory({ resourceType: 'Goal', id: goals[0] });
const created = await client.create({ resourceType: 'Consent', body: JSON.parse(consent) });
const validated = await client.operation({
  resourceType: 'Goal', name: 'validate', input: { resourceType: 'Goal' },
});
const everything = await client.operation({
  resourceType: 'Patient', id: patient, name: 'everything', method: 'GET',
});
let missing = 0;
try {
  await client.read({ resourceType: 'Goal', id: 'none' });
} catch (error) {
  missing = error.response.status;
}
console.log(JSON.stringify({
  fhirVersion: statement.fhirVersion,
  token: smart.tokenUrl?.href ?? null,
  total, goals, read: read.id, vread: vread.meta.versionId, history: history.total,
  created: created.status, validated: validated.issue.length,
  everything: everything.entry.length, missing,
}));
