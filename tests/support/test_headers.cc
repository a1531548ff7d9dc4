// Nothing: the precompiled headers of the tests are made on the way to it.
