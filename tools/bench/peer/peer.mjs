// The peer of `gatecrumb-bench functions --vs`: the happy paths of login, refresh, me and logout as they are usually
// written for Node.js (AWS SDK, jose, a native argon2, one bundled file), on the same table, keys and events. It has no
// throttle, no cross-origin check and no rotation rule, which makes it faster.
//
//   npm install && npm run build
//   cargo run --release -p gatecrumb-bench -- functions --vs 'node tools/bench/peer/bundle.mjs'
import { randomUUID } from 'node:crypto'
import http from 'node:http'

import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { verify } from '@node-rs/argon2'
import { importJWK, jwtVerify, SignJWT } from 'jose'

const { AWS_LAMBDA_RUNTIME_API, ISSUER, SIGNING_KEYS, SIGNING_KID, VERIFYING_KEYS, _HANDLER } = process.env
const TableName = process.env.TABLE_NAME
const ACCESS = 900
const REFRESH = 30 * 86400

const db = new DynamoDBClient({})
const publicKeys = new Map()
for (const key of JSON.parse(VERIFYING_KEYS).keys) publicKeys.set(key.kid, await importJWK(key, 'EdDSA'))
const signs = _HANDLER === 'login' || _HANDLER === 'refresh'
const privateKey = signs && (await importJWK(JSON.parse(SIGNING_KEYS).keys[0], 'EdDSA'))

const now = () => Math.floor(Date.now() / 1000)
const key = (pk, sk) => ({ pk: { S: pk }, sk: { S: sk } })
const user = (id) => key(`USER#${id}`, 'USER')
const session = (id, sid) => key(`USER#${id}`, `SESSION#${sid}`)
const get = (Key) => db.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))

const check = async (event, kind, typ) => {
  const prefix = `__Host-gatecrumb-${kind}=`
  const token = event.cookies.find((cookie) => cookie.startsWith(prefix)).slice(prefix.length)
  const options = { issuer: ISSUER, audience: ISSUER, typ, algorithms: ['EdDSA'] }
  return (await jwtVerify(token, (header) => publicKeys.get(header.kid), options)).payload
}
const sign = (claims, typ, lifetime) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: SIGNING_KID })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setIssuedAt()
    .setExpirationTime(now() + lifetime)
    .setJti(randomUUID())
    .sign(privateKey)
const cookie = (name, value, age) =>
  `__Host-gatecrumb-${name}=${value}; HttpOnly; Secure; Path=/; SameSite=Lax; Max-Age=${age}`
const tokens = async (sub, sid, parent) => [
  cookie('access', await sign({ sub, sid, roles: [] }, 'at+jwt', ACCESS), ACCESS),
  cookie('refresh', await sign({ sub, sid, parent }, 'refresh+jwt', REFRESH), REFRESH),
]
const answer = (statusCode, body, cookies) => {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return { statusCode, headers, cookies, body: JSON.stringify(body) }
}

const handlers = {
  async login(event) {
    const { username, password } = JSON.parse(event.body)
    const id = (await get(key(`LOGIN#${username}`, 'LOGIN'))).Item.user_id.S
    const RequestItems = { [TableName]: { ConsistentRead: true, Keys: [user(id), key(`PASSWORD#${id}`, 'PASSWORD')] } }
    const { Responses } = await db.send(new BatchGetItemCommand({ RequestItems }))
    const [Item] = Responses[TableName].filter((item) => item.sk.S === 'PASSWORD')
    if (!(await verify(Item.password_hash.S, password))) return answer(401, {})
    const [sid, root, time] = [randomUUID(), randomUUID(), { N: String(now()) }]
    const times = { created_at: time, rotated_at: time, expires_at: { N: String(now() + REFRESH) } }
    const row = { ...session(id, sid), current: { S: root }, epoch: { N: '0' }, ...times }
    await db.send(new PutItemCommand({ TableName, Item: row }))
    return answer(200, { user: { id, username }, expires_in: ACCESS }, await tokens(id, sid, root))
  },
  async refresh(event) {
    const { sub, sid, jti, parent } = await check(event, 'refresh', 'refresh+jwt')
    const update = new UpdateItemCommand({
      TableName,
      Key: session(sub, sid),
      UpdateExpression: 'SET #current = :jti, rotated_at = :now',
      ConditionExpression: '#current IN (:jti, :parent) AND expires_at > :now',
      ExpressionAttributeNames: { '#current': 'current' },
      ExpressionAttributeValues: { ':jti': { S: jti }, ':parent': { S: parent }, ':now': { N: String(now()) } },
      ReturnValues: 'ALL_OLD',
    })
    await Promise.all([get(user(sub)), db.send(update)])
    return answer(200, { expires_in: ACCESS }, await tokens(sub, sid, jti))
  },
  async me(event) {
    const { sub, sid } = await check(event, 'access', 'at+jwt')
    const RequestItems = { [TableName]: { ConsistentRead: true, Keys: [user(sub), session(sub, sid)] } }
    const { Responses } = await db.send(new BatchGetItemCommand({ RequestItems }))
    const [Item] = Responses[TableName].filter((item) => item.sk.S === 'USER')
    return answer(200, { user: { id: sub, username: Item.username.S }, session: { id: sid } })
  },
  async logout(event) {
    const { sub, sid } = await check(event, 'access', 'at+jwt')
    await db.send(new DeleteItemCommand({ TableName, Key: session(sub, sid) }))
    return answer(204, {}, [cookie('access', '', 0), cookie('refresh', '', 0)])
  },
}

// What Node's managed runtime does.
const [hostname, port] = AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new http.Agent({ keepAlive: true })
const call = (method, path, body = '') =>
  new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body) }
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }
    const request = http.request(options, async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      resolve([response.headers['lambda-runtime-aws-request-id'], Buffer.concat(chunks).toString()])
    })
    request.on('error', reject)
    request.end(body)
  })
for (;;) {
  const [id, event] = await call('GET', 'next')
  await call('POST', `${id}/response`, JSON.stringify(await handlers[_HANDLER](JSON.parse(event))))
}
