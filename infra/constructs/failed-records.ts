import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

/**
 * Where stream records go that a consumer could not apply, with their content, until `collect-failures` makes failures
 * of them that can be redriven. They hold learners' data: encrypted, never public, gone after 90 days.
 */
export class FailedRecords extends Construct {
  readonly bucket: Bucket;
  /** Of every function with `collects`. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(scope: Construct) {
    super(scope, 'FailedRecords');
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        { expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.environment = { FAILED_RECORDS_BUCKET: this.bucket.bucketName };
  }

  /** Lets a function take out what Lambda left; every function that leaves something there may list it. */
  collectStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['s3:GetObject', 's3:DeleteObject'],
      // Lambda chooses the keys below this prefix.
      resources: [this.bucket.arnForObjects('aws/lambda/*')],
    });
  }
}
