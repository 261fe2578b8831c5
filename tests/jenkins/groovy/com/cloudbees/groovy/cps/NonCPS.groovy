package com.cloudbees.groovy.cps

import java.lang.annotation.Retention
import java.lang.annotation.RetentionPolicy

/** Marks what Jenkins runs as plain Groovy. It is imported into every pipeline without being asked for. */
@Retention(RetentionPolicy.RUNTIME)
@interface NonCPS {
}
