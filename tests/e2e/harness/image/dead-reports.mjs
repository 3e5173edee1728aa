throw new Error('no reports backend, on purpose')
