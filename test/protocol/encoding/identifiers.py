# Prints the identifiers that identifiers.test.ts expects: written from docs/protocol.md, "Identifiers", and from nothing of Nod.
import base64
import hashlib
import hmac


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


REGIONS = 'wnam enam sam weur eeur apac oc afr me'.split()
MAC_KEY, MASK_KEY = bytes([1]) * 32, bytes([2]) * 32

region, shard, random = REGIONS.index('weur'), 1, int.from_bytes(bytes([7]) * 5, 'big') & (2**36 - 1)
head = ((region << 44) | (shard << 36) | random).to_bytes(6, 'big')
identifier = head + mac(MAC_KEY, head)[:2]
print('id', str(int.from_bytes(identifier, 'big')).zfill(20))

commitment = hashlib.sha256(b'nod/nonce/1' + bytes([9]) * 16 + b'{"user":"ada"}').digest()
masked = bytes(a ^ b for a, b in zip(identifier, mac(MASK_KEY, commitment)))
print('nonce', base64.b32encode(masked + commitment).decode())
