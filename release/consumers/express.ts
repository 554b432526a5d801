import type { Server } from 'node:http'
import reuse, { type Member, memberOf, reuse as named, type ReuseOptions } from '@reuse/express'
import express from 'express'

const options: ReuseOptions = { weight: 2 }
const server: Server = reuse(express(), options).listen(3000, '127.0.0.1', () => {})
const member: Member | undefined = memberOf(server)
// @ts-expect-error: the name of an option that does not exist
named(express(), { weigth: 2 })
console.log(member)
