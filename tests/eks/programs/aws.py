"""moto's AWS, taught what its CloudFormation lacks, on the port that it is given."""

import sys
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import RouteTable
from moto.ecr.models import Repository, ecr_backends
from moto.eks.models import eks_backends
from moto.iam.models import iam_backends
from moto.server import main


class Resource:
    """What CloudFormation made: its id and its attributes."""

    def __init__(self, identity: str, **attributes: str) -> None:
        self.physical_resource_id = identity
        self._attributes = attributes

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return True

    def get_cfn_attribute(self, attribute: str) -> str:
        return self._attributes[attribute]

    def is_created(self) -> bool:
        return True


def cluster(properties: dict[str, Any], account: str, region: str) -> Resource:
    made = eks_backends[account][region].create_cluster(
        name=properties["Name"],
        role_arn=properties["RoleArn"],
        resources_vpc_config={"subnetIds": properties["ResourcesVpcConfig"]["SubnetIds"]},
        version=properties["Version"],
    )
    return Resource(made.name, Arn=made.arn, OpenIdConnectIssuerUrl=made.identity["oidc"]["issuer"])


def nodes(properties: dict[str, Any], account: str, region: str) -> Resource:
    made = eks_backends[account][region].create_nodegroup(
        cluster_name=properties["ClusterName"],
        node_role=properties["NodeRole"],
        nodegroup_name=properties["NodegroupName"],
        subnets=properties["Subnets"],
    )
    return Resource(made.nodegroup_name)


def addon(properties: dict[str, Any], account: str, region: str) -> Resource:
    return Resource(f"{properties['ClusterName']}|{properties['AddonName']}")


def issuer(properties: dict[str, Any], account: str, region: str) -> Resource:
    made = iam_backends[account]["aws"].create_open_id_connect_provider(
        url=properties["Url"], thumbprint_list=["0" * 40], client_id_list=properties["ClientIdList"], tags=[]
    )
    return Resource(made.arn)


def remove_cluster(name: str, account: str, region: str) -> None:
    eks_backends[account][region].delete_cluster(name)


def remove_nodes(name: str, account: str, region: str) -> None:
    eks_backends[account][region].delete_nodegroup(name.removesuffix("-nodes"), name)


def remove_issuer(arn: str, account: str, region: str) -> None:
    iam_backends[account]["aws"].delete_open_id_connect_provider(arn)


def remove_routes(table: RouteTable, account: str, region: str) -> None:
    table.associations.clear()
    ec2_backends[account][region].delete_route_table(table.id)


def remove_repository(repository: Repository, account: str, region: str) -> None:
    """EmptyOnDelete is true."""
    ecr_backends[account][region].delete_repository(repository.name, force=True)


def teach(kind: str, create: Any, remove: Any = lambda *_: None) -> None:
    """Make a type known: moto looks for direct subclasses of its model, and for a service in their names."""

    def create_it(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        return create(cloudformation_json["Properties"], account_id, region_name)

    def remove_it(cls, resource_name, cloudformation_json, account_id, region_name):
        remove(resource_name, account_id, region_name)

    methods = {
        "__module__": "moto.cloudformation.models",
        "cloudformation_type": staticmethod(lambda: kind),
        "cloudformation_name_type": staticmethod(lambda: ""),
        "create_from_cloudformation_json": classmethod(create_it),
        "delete_from_cloudformation_json": classmethod(remove_it),
        "update_from_cloudformation_json": classmethod(lambda cls, original_resource, **_: original_resource),
    }
    type(kind.replace(":", ""), (Resource, CloudFormationModel), methods)


if __name__ == "__main__":
    teach("AWS::EKS::Cluster", cluster, remove_cluster)
    teach("AWS::EKS::Nodegroup", nodes, remove_nodes)
    teach("AWS::EKS::Addon", addon)
    teach("AWS::IAM::OIDCProvider", issuer, remove_issuer)
    RouteTable.delete = remove_routes
    Repository.delete = remove_repository
    main(["--host", "127.0.0.1", "--port", sys.argv[1]])
