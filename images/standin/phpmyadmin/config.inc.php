<?php
// Follows the variables that the upstream image documents.
$variable = fn (string $name, string $default = ''): string => getenv($name) !== false ? getenv($name) : $default;

$cfg['blowfish_secret'] = $variable('PMA_SECRET');
$cfg['PmaAbsoluteUri'] = $variable('PMA_ABSOLUTE_URI');
$cfg['ExecTimeLimit'] = (int) $variable('MAX_EXECUTION_TIME');
$cfg['MemoryLimit'] = $variable('MEMORY_LIMIT');
$cfg['TempDir'] = '/var/lib/phpmyadmin/tmp';
$cfg['VersionCheck'] = false;
$cfg['Servers'][1] = [
    'auth_type' => 'cookie',
    'host' => $variable('PMA_HOST', 'db'),
    'port' => $variable('PMA_PORT'),
    'compress' => false,
    'AllowNoPassword' => true,
];
